"""The tables of minutes of hand-overs, and their mapping onto the domain."""

from sqlalchemy import Column, Integer, Table, Text, Uuid

from contracts.audits.minutes import MinuteFile
from contracts.directory.events import PositionHandedOver
from contracts.duties import HandedThing
from kernel.data.columns import Shape
from kernel.data.tables import MOMENT
from services.audits.metadata import MAPPED, METADATA
from services.audits.minutes.domain import HandOverMinute

# The minutes of hand-overs, and what each service said passed: a report may come first.
minutes = Table(
    "minutes",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("giver_id", Uuid, nullable=False),
    Column("receiver_id", Uuid, nullable=False),
    Column("told", Shape(PositionHandedOver), nullable=False),
    Column("file", Shape(MinuteFile)),
    Column("tried_at", MOMENT),
)
hand_over_reports = Table(
    "hand_over_reports",
    METADATA,
    Column("hand_over_id", Uuid, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("things", Shape(tuple[HandedThing, ...]), nullable=False),
)

MAPPED.map_imperatively(
    HandOverMinute, minutes, version_id_col=minutes.c.version, exclude_properties=["tried_at"]
)
