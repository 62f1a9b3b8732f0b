"""The tables of dossiers, of what is known of procedures, positions and calendars, and of the figures."""

from sqlalchemy import (
    Column,
    Date,
    Integer,
    Table,
    Uuid,
)

from services.cases.metadata import METADATA

positions = Table(
    "positions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("held_from", Date, nullable=False),
    Column("held_to", Date),
    Column("version", Integer, nullable=False),
)
