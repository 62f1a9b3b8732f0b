"""The tables of who may come in: accounts, guards against guessing, sessions, programs of portals."""

from typing import Any

from sqlalchemy import (
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
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapper, relationship

from contracts.directory.clients import ClientReach, ClientState, Scope
from kernel.base.text import fold
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.directory.agencies.domain.agency import Agency, AgencyPeriod
from services.directory.agencies.tables import agencies, agency_periods
from services.directory.clients.domain import IntegrationClient
from services.directory.delegations.domain import Delegation
from services.directory.delegations.tables import delegations
from services.directory.hand_overs.domain import HandOver
from services.directory.hand_overs.tables import hand_overs
from services.directory.imports.domain.staff_import import StaffImport
from services.directory.imports.tables import staff_imports
from services.directory.metadata import MAPPED, METADATA
from services.directory.quality_systems.domain import QualitySystem
from services.directory.quality_systems.tables import quality_systems
from services.directory.reorganisations.domain.reorganisation import Concerned, Reorganisation
from services.directory.reorganisations.tables import reorganisation_agencies, reorganisations
from services.directory.roles.domain.grant import PersonalGrant
from services.directory.roles.tables import personal_grants
from services.directory.staff.domain.person import Person
from services.directory.staff.domain.position import GrantedRole, Position
from services.directory.staff.tables import people, position_roles, positions

integration_clients = Table(
    "integration_clients",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("responsible_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("scopes", ARRAY(Word(Scope)), nullable=False),
    Column("agencies", Shape(list[ClientReach]), nullable=False),
    Column("calls_per_minute", Integer, nullable=False),
    Column("calls_per_day", Integer, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("secret_digest", LargeBinary, nullable=False),
    Column("secret_set_at", MOMENT, nullable=False),
    Column("previous_digest", LargeBinary),
    Column("previous_until", MOMENT),
    Column("state", Word(ClientState), nullable=False),
    Column("approved_on", Date),
    Column("approved_by", Uuid),
    Column("approval_due_on", Date),
    Column("warned_of", Date),
)
client_usage = Table(
    "client_usage",
    METADATA,
    Column("client_id", Uuid, ForeignKey("integration_clients.id"), primary_key=True),
    Column("minute", MOMENT, nullable=False),
    Column("in_minute", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("in_day", Integer, nullable=False),
    Column("used_at", MOMENT, nullable=False),
)
MAPPED.map_imperatively(AgencyPeriod, agency_periods)
MAPPED.map_imperatively(
    Agency,
    agencies,
    version_id_col=agencies.c.version,
    properties={
        "periods": relationship(
            AgencyPeriod,
            foreign_keys=[agency_periods.c.agency_id],
            order_by=agency_periods.c.valid_from,
            cascade="all, delete-orphan",
            lazy="selectin",
        )
    },
)
MAPPED.map_imperatively(Concerned, reorganisation_agencies)
MAPPED.map_imperatively(
    Reorganisation,
    reorganisations,
    version_id_col=reorganisations.c.version,
    properties={
        "concerned": relationship(
            Concerned,
            foreign_keys=[reorganisation_agencies.c.reorganisation_id],
            order_by=(reorganisation_agencies.c.part, reorganisation_agencies.c.agency_id),
            cascade="all, delete-orphan",
            lazy="selectin",
        )
    },
)
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
MAPPED.map_imperatively(PersonalGrant, personal_grants, version_id_col=personal_grants.c.version)
MAPPED.map_imperatively(QualitySystem, quality_systems, version_id_col=quality_systems.c.version)
MAPPED.map_imperatively(HandOver, hand_overs, version_id_col=hand_overs.c.version)
MAPPED.map_imperatively(Delegation, delegations, version_id_col=delegations.c.version)
MAPPED.map_imperatively(StaffImport, staff_imports, version_id_col=staff_imports.c.version)


@event.listens_for(IntegrationClient, "before_insert")
@event.listens_for(IntegrationClient, "before_update")
def _fold_name(mapper: Mapper[Any], connection: Any, client: Any) -> None:
    client.name_folded = fold(client.name)
