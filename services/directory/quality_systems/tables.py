"""The table of quality management systems, and its mapping onto the domain."""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Integer,
    Table,
    Text,
    Uuid,
)

from contracts.directory.quality_systems import Coverage, DeclareReason, Seat, SystemState
from kernel.data.columns import Shape, Word
from services.directory.metadata import MAPPED, METADATA
from services.directory.quality_systems.domain import QualitySystem

quality_systems = Table(
    "quality_systems",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("coded_in", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("standards", Shape(tuple[str, ...]), nullable=False),
    Column("state", Word(SystemState), nullable=False),
    Column("covers", Shape(tuple[Coverage, ...]), nullable=False),
    Column("seats", Shape(tuple[Seat, ...]), nullable=False),
    Column("committee_decision", Text),
    Column("committee_since", Date),
    Column("declared_by", Text),
    Column("declared_on", Date),
    Column("declare_again", Shape(tuple[DeclareReason, ...]), nullable=False),
    Column("declare_again_since", Date),
    Column("ended_on", Date),
)

MAPPED.map_imperatively(QualitySystem, quality_systems, version_id_col=quality_systems.c.version)
