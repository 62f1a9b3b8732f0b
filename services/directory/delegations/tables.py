"""The directory's tables and their mapping onto the domain."""

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
from contracts.directory.roles import HeldRole
from kernel.data.columns import Shape, Word
from services.directory.metadata import METADATA

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
