"""The tables of acts and the agencies they concern, and the mapping onto the domain."""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Integer,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import relationship

from contracts.directory.reorganisations import AgencyPart, ReorganisationPlan, ReorganisationState
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.directory.metadata import MAPPED, METADATA
from services.directory.reorganisations.domain.reorganisation import Concerned, Reorganisation

reorganisations = Table(
    "reorganisations",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("state", Word(ReorganisationState), nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("plan", Shape(ReorganisationPlan), nullable=False),
    Column("requested_by", Uuid),
    Column("requested_at", MOMENT, nullable=False),
    Column("applied_at", MOMENT),
    Column("cancelled_at", MOMENT),
    Column("reason", Text),
    Column("failure", JSONB(none_as_null=True)),
)
reorganisation_agencies = Table(
    "reorganisation_agencies",
    METADATA,
    Column("reorganisation_id", Uuid, ForeignKey("reorganisations.id"), primary_key=True),
    Column("agency_id", Uuid, primary_key=True),
    Column("part", Word(AgencyPart), nullable=False),
)

MAPPED.map_imperatively(Concerned, reorganisation_agencies)

MAPPED.map_imperatively(
    Reorganisation,
    reorganisations,
    version_id_col=reorganisations.c.version,
    properties={
        "concerned": relationship(
            Concerned,
            foreign_keys=[reorganisation_agencies.c.reorganisation_id],
            order_by=(reorganisation_agencies.c.part, reorganisation_agencies.c.agency_id),
            cascade="all, delete-orphan",
            lazy="selectin",
        )
    },
)
