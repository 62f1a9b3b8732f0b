"""Notify's copy of who there is and who holds what."""

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

from org.positions import positions_table
from services.notify.metadata import METADATA

people = Table(
    "people",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("full_name", Text, nullable=False),
    Column("email", Text),
    Column("version", Integer, nullable=False),
)
positions = positions_table(METADATA, Column("title", Text, nullable=False))
position_roles = Table(
    "position_roles",
    METADATA,
    Column("position_id", Uuid, ForeignKey("positions.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("agency_id", Uuid, primary_key=True),
    Column("with_subtree", Boolean, nullable=False),
)
# What gives somebody roles beside the positions they hold: a grant in person, a delegation.
capacities = Table(
    "capacities",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("version", Integer, nullable=False),
)
capacity_roles = Table(
    "capacity_roles",
    METADATA,
    Column("capacity_id", Uuid, ForeignKey("capacities.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("agency_id", Uuid, primary_key=True),
    Column("with_subtree", Boolean, nullable=False),
)
