"""The tables of dossiers and their parties, and the mapping onto the domain."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Computed,
    Date,
    ForeignKey,
    Integer,
    Table,
    Text,
    Uuid,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from contracts.cases.dossiers import DossierKind, DossierStatus
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.cases.clocks.domain import Clock
from services.cases.dossiers.domain.dossier import Dossier, Pause
from services.cases.dossiers.domain.step import Step
from services.cases.metadata import MAPPED, METADATA

OPEN_STATUS = "status in ('processing', 'paused')"
STEP_OFFICER, STEP_AGENCY = (
    f"((steps -> (step_seq - 1)) ->> '{name}')::uuid" for name in ("officer_id", "agency_id")
)
dossiers = Table(
    "dossiers",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("number", Text, nullable=False),
    Column("kind", Word(DossierKind), nullable=False),
    Column("competent_agency_id", Uuid, nullable=False),
    Column("supporting", ARRAY(Uuid), nullable=False),
    Column("coordinating", ARRAY(Uuid), nullable=False),
    Column("document_id", Uuid, nullable=False),
    Column("revision_id", Uuid, ForeignKey("procedures.revision_id"), nullable=False),
    Column("revision_number", Integer, nullable=False),
    Column("document_code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("tthc_code", Text),
    Column("applicant_name", Text),
    Column("received_at", MOMENT, nullable=False),
    Column("counts_from", MOMENT, nullable=False),
    Column("first_heard_at", MOMENT, nullable=False),
    Column("rules_on", Date, nullable=False),
    Column("calendar_version", Integer, ForeignKey("calendars.version"), nullable=False),
    Column("status", Word(DossierStatus), nullable=False),
    Column("steps", Shape(tuple[Step, ...]), nullable=False),
    Column("step_seq", Integer),
    Column("clock", Shape(Clock)),
    Column("step_clocks", Shape(tuple[Clock, ...]), nullable=False),
    Column("pauses", Shape(tuple[Pause, ...]), nullable=False),
    Column("due_at", MOMENT),
    Column("is_overdue", Boolean, nullable=False),
    Column("ended_at", MOMENT),
    Column("is_synced", Boolean, nullable=False),
    Column("source_changed_at", MOMENT),
    Column("acted_version", Integer, nullable=False, server_default="1"),
    Column("received_agency_id", Uuid),
    Column("first_competent_agency_id", Uuid),
    Column("brought_by_id", Uuid),
    Column("brought_by_position_id", Uuid),
    Column("brought_by_client_id", Uuid),
    Column("continued", Shape(dict[UUID, UUID]), nullable=False, server_default="{}"),
    Column("is_open", Boolean, Computed(OPEN_STATUS, persisted=True), nullable=False),
    # Whose the current step is. In a table whose rows stand behind a rule no index over what lies within a
    # JSON value is used: reading it is not leakproof (ADR 22).
    Column("step_officer_id", Uuid, Computed(STEP_OFFICER, persisted=True)),
    Column("step_agency_id", Uuid, Computed(STEP_AGENCY, persisted=True)),
)
# The current step. Written out as in the index's condition: a bound parameter would hide it.
CURRENT_STEP: ColumnElement[Any] = literal_column("(dossiers.steps -> (dossiers.step_seq - 1))", JSONB)
# One row per agency that has to do with a dossier, with what its lists filter and sort by.
parties = Table(
    "parties",
    METADATA,
    Column("agency_id", Uuid, primary_key=True),
    Column("dossier_id", Uuid, ForeignKey("dossiers.id"), primary_key=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("status", Word(DossierStatus), nullable=False),
    Column("is_open", Boolean, Computed(OPEN_STATUS, persisted=True), nullable=False),
    Column("document_id", Uuid, nullable=False),
    Column("received_at", MOMENT, nullable=False),
    Column("due_at", MOMENT),
)

MAPPED.map_imperatively(
    Dossier,
    dossiers,
    version_id_col=dossiers.c.version,
    exclude_properties=["is_open", "step_officer_id", "step_agency_id"],
)
