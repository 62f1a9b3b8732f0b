"""The tables of clocks and of calendars by version."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from kernel.data.tables import MOMENT
from services.cases.metadata import METADATA

# When there is next something to publish of a dossier: what the sweep goes by, and all that it reads.
clocks = Table(
    "clocks",
    METADATA,
    Column("dossier_id", Uuid, ForeignKey("dossiers.id"), primary_key=True),
    Column("next_moment", MOMENT, nullable=False),
)
calendars = Table(
    "calendars",
    METADATA,
    Column("version", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("content", JSONB, nullable=False),
)
