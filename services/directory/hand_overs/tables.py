"""The tables of hand-overs and of the numbers of their minutes, and the mapping onto the domain."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
    Uuid,
)

from contracts.directory.hand_overs import HandOverState, MinuteSignature
from contracts.directory.roles import HeldRole
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.directory.hand_overs.domain import HandOver
from services.directory.metadata import MAPPED, METADATA

hand_overs = Table(
    "hand_overs",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("giver_position_id", Uuid, ForeignKey("positions.id"), nullable=False),
    Column("giver_id", Uuid, nullable=False),
    Column("receiver_position_id", Uuid, ForeignKey("positions.id"), nullable=False),
    Column("receiver_id", Uuid, nullable=False),
    Column("number", Text, nullable=False),
    Column("drawn_up_at", MOMENT, nullable=False),
    Column("note", Text),
    Column("state", Word(HandOverState), nullable=False),
    Column("handed_over_at", MOMENT),
    Column("roles", Shape(tuple[HeldRole, ...]), nullable=False),
    Column("signatures", Shape(tuple[MinuteSignature, ...]), nullable=False),
    Column("reason", Text),
)
# The next number of a minute in a year.
minute_numbers = Table(
    "minute_numbers",
    METADATA,
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

MAPPED.map_imperatively(HandOver, hand_overs, version_id_col=hand_overs.c.version)
