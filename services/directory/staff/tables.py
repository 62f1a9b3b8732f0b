"""The tables of people, positions and their roles, and the mapping onto the domain."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    event,
)
from sqlalchemy.orm import Mapper, relationship

from contracts.directory.roles import Role
from contracts.directory.staff import ReleaseView
from kernel.base.text import fold
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.directory.metadata import MAPPED, METADATA
from services.directory.staff.domain.person import Person
from services.directory.staff.domain.position import GrantedRole, Position

people = Table(
    "people",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("staff_number", Text, unique=True),
    Column("identity_key", Text),
    Column("identity_cipher", LargeBinary),
    Column("identity_index", LargeBinary, unique=True),
    Column("identity_recorded_at", MOMENT),
    Column("home_agency_id", Uuid, ForeignKey("agencies.id")),
    Column("home_since", Date),
    Column("release", Shape(ReleaseView)),
    Column("name_folded", Text, nullable=False, server_default=""),
    Column("search_folded", Text, nullable=False, server_default=""),
)
positions = Table(
    "positions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("title_folded", Text, nullable=False),
    Column("held_from", Date, nullable=False),
    Column("held_to", Date),
)
position_roles = Table(
    "position_roles",
    METADATA,
    Column("position_id", Uuid, ForeignKey("positions.id"), primary_key=True),
    Column("role", Word(Role), primary_key=True),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("with_subtree", Boolean, nullable=False),
)
# Holdings that ended and of which nobody took over what they held: each published once.
leavings = Table(
    "leavings",
    METADATA,
    Column("position_id", Uuid, ForeignKey("positions.id"), primary_key=True),
    Column("told_at", MOMENT, nullable=False),
)


@event.listens_for(Person, "before_insert")
@event.listens_for(Person, "before_update")
def _fold_person(mapper: Mapper[Any], connection: Any, person: Any) -> None:
    person.name_folded = fold(person.full_name)
    person.search_folded = fold(f"{person.full_name} {person.staff_number or ''}")


@event.listens_for(Position, "before_insert")
@event.listens_for(Position, "before_update")
def _fold_title(mapper: Mapper[Any], connection: Any, position: Any) -> None:
    position.title_folded = fold(position.title)


MAPPED.map_imperatively(Person, people, version_id_col=people.c.version)

MAPPED.map_imperatively(GrantedRole, position_roles)

MAPPED.map_imperatively(
    Position,
    positions,
    version_id_col=positions.c.version,
    properties={
        "roles": relationship(
            GrantedRole,
            foreign_keys=[position_roles.c.position_id],
            order_by=(position_roles.c.role, position_roles.c.agency_id),
            cascade="all, delete-orphan",
            lazy="selectin",
        )
    },
)
