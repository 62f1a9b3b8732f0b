"""What audits know of others: positions, roles in person, procedures, dossiers."""

from sqlalchemy import Boolean, Column, Date, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from org.positions import positions_table
from services.audits.metadata import METADATA

positions = positions_table(METADATA, Column("roles", ARRAY(Text), nullable=False))
# Roles that people were granted in person.
capacities = Table(
    "capacities",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("roles", ARRAY(Text), nullable=False),
)
procedures = Table(
    "procedures",
    METADATA,
    Column("document_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("effective_from", Date, nullable=False),
)
dossiers = Table(
    "dossiers",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("finished_on", Date),
    Column("on_time", Boolean),
    Column("is_overdue", Boolean, nullable=False),
)
