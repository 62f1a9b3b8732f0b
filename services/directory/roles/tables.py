"""The tables of roles granted in person and of delegations, and the mapping onto the domain."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    Table,
    Text,
    Uuid,
)

from contracts.directory.delegations import DelegationKind
from contracts.directory.roles import HeldRole, Role
from kernel.data.columns import Shape, Word
from services.directory.metadata import MAPPED, METADATA
from services.directory.roles.domain.delegation import Delegation
from services.directory.roles.domain.role_grant import PersonalGrant

personal_grants = Table(
    "personal_grants",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("role", Word(Role), nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("with_subtree", Boolean, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("basis", Text),
)


delegations = Table(
    "delegations",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", Word(DelegationKind), nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("from_position_id", Uuid, ForeignKey("positions.id"), nullable=False),
    Column("given_by", Uuid, ForeignKey("people.id"), nullable=False),
    Column("to_position_id", Uuid, ForeignKey("positions.id"), nullable=False),
    Column("to_person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("roles", Shape(list[HeldRole]), nullable=False),
    Column("signing_authority", Boolean, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("basis", Text, nullable=False),
)

MAPPED.map_imperatively(PersonalGrant, personal_grants, version_id_col=personal_grants.c.version)

MAPPED.map_imperatively(Delegation, delegations, version_id_col=delegations.c.version)
