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

from contracts.directory.roles import Role
from kernel.data.columns import Word
from services.directory.metadata import METADATA

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
