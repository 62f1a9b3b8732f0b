"""The tables of audits, nonconformities and reviews, and their mapping onto the domain."""

from typing import Any

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import RelationshipProperty, registry, relationship

from contracts.audits.minutes import MinuteFile
from contracts.audits.nonconformities import ActionState, NonconformitySource, NonconformityState, Severity
from contracts.audits.programmes import AuditState, ChecklistItemView, Grade, ProgrammeState
from contracts.audits.reviews import ReviewInputView, ReviewState, TaskState
from contracts.directory.events import PositionHandedOver
from contracts.duties import HandedThing
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from org.tables import org_metadata
from services.audits.domain.audit import Audit, Finding, Programme
from services.audits.domain.minute import HandOverMinute
from services.audits.domain.nonconformity import CorrectiveAction, Nonconformity
from services.audits.domain.review import Review, ReviewTask

METADATA = org_metadata()

nonconformities = Table(
    "nonconformities",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("first_agency_id", Uuid),
    Column("number", Text, nullable=False),
    Column("source", Word(NonconformitySource), nullable=False),
    Column("severity", Word(Severity), nullable=False),
    Column("state", Word(NonconformityState), nullable=False),
    Column("description", Text, nullable=False),
    Column("clause", Text),
    Column("document_id", Uuid),
    Column("finding_id", Uuid),
    Column("occurrences", Integer, nullable=False),
    Column("needs_corrective_action", Boolean, nullable=False),
    Column("correction", Text),
    Column("corrected_by", Uuid),
    Column("corrected_at", MOMENT),
    Column("cause", Text),
    Column("raised_by", Uuid),
    Column("raised_at", MOMENT, nullable=False),
    Column("closed_by", Uuid),
    Column("closed_at", MOMENT),
    Column("changes", Integer, nullable=False),
)

corrective_actions = Table(
    "corrective_actions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("nonconformity_id", Uuid, ForeignKey("nonconformities.id"), nullable=False),
    Column("description", Text, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("planned_at", MOMENT, nullable=False),
    Column("state", Word(ActionState), nullable=False),
    Column("done_by", Uuid),
    Column("done_at", MOMENT),
    Column("done_note", Text),
    Column("verified_by", Uuid),
    Column("verified_at", MOMENT),
    Column("verification_note", Text),
)

programmes = Table(
    "programmes",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("first_agency_id", Uuid),
    Column("year", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("objective", Text, nullable=False),
    Column("drafted_by", Uuid, nullable=False),
    Column("state", Word(ProgrammeState), nullable=False),
    Column("approved_by", Uuid),
    Column("approved_at", MOMENT),
)

audits = Table(
    "audits",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("programme_id", Uuid, ForeignKey("programmes.id"), nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("first_agency_id", Uuid),
    Column("title", Text, nullable=False),
    Column("framework", Text, nullable=False),
    Column("clauses", ARRAY(Text), nullable=False),
    Column("document_ids", ARRAY(Uuid), nullable=False),
    Column("lead_auditor_id", Uuid, nullable=False),
    Column("auditor_ids", ARRAY(Uuid), nullable=False),
    Column("planned_from", Date, nullable=False),
    Column("planned_to", Date, nullable=False),
    Column("state", Word(AuditState), nullable=False),
    Column("checklist", Shape(list[ChecklistItemView]), nullable=False),
    Column("started_at", MOMENT),
    Column("conclusion", Text),
    Column("reported_by", Uuid),
    Column("reported_at", MOMENT),
    Column("reported_on", Date),
    Column("changes", Integer, nullable=False),
)

findings = Table(
    "findings",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("audit_id", Uuid, ForeignKey("audits.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("clause", Text, nullable=False),
    Column("document_id", Uuid),
    Column("grade", Word(Grade), nullable=False),
    Column("statement", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("found_by", Uuid, nullable=False),
    Column("found_at", MOMENT, nullable=False),
    Column("nonconformity_id", Uuid),
)

reviews = Table(
    "reviews",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("first_agency_id", Uuid),
    Column("title", Text, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("state", Word(ReviewState), nullable=False),
    Column("inputs", Shape(list[ReviewInputView]), nullable=False),
    Column("inputs_frozen_at", MOMENT),
    Column("conclusion", Text),
    Column("is_effective", Boolean),
    Column("concluded_by", Uuid),
    Column("concluded_at", MOMENT),
    Column("changes", Integer, nullable=False),
)

review_tasks = Table(
    "review_tasks",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("review_id", Uuid, ForeignKey("reviews.id"), nullable=False),
    Column("decision", Text, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("decided_at", MOMENT, nullable=False),
    Column("state", Word(TaskState), nullable=False),
    Column("done_by", Uuid),
    Column("done_at", MOMENT),
    Column("done_note", Text),
)

# The next number of each agency's register in a year.
numbering = Table(
    "numbering",
    METADATA,
    Column("agency_id", Uuid, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

# Which nonconformity holds the overdue facts of an agency, procedure, step and month.
overdue_groups = Table(
    "overdue_groups",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("nonconformity_id", Uuid, nullable=False),
)

# Overdue facts already counted: each dossier and step once, whatever is told again.
overdue_facts = Table("overdue_facts", METADATA, Column("key", Text, primary_key=True))

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

# -- the copy of others' facts -------------------------------------------------------------------

positions = Table(
    "positions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("held_from", Date, nullable=False),
    Column("held_to", Date),
    Column("roles", ARRAY(Text), nullable=False),
)

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


def _children(kind: type[Any], order: Column[Any]) -> RelationshipProperty[Any]:
    return relationship(kind, lazy="selectin", order_by=order, cascade="save-update")


_mapping = registry(metadata=METADATA)
_mapping.map_imperatively(CorrectiveAction, corrective_actions)
_mapping.map_imperatively(
    Nonconformity,
    nonconformities,
    version_id_col=nonconformities.c.version,
    properties={"actions": _children(CorrectiveAction, corrective_actions.c.planned_at)},
)
_mapping.map_imperatively(Programme, programmes, version_id_col=programmes.c.version)
_mapping.map_imperatively(Finding, findings)
_mapping.map_imperatively(
    Audit,
    audits,
    version_id_col=audits.c.version,
    properties={"findings": _children(Finding, findings.c.seq)},
)
_mapping.map_imperatively(
    HandOverMinute, minutes, version_id_col=minutes.c.version, exclude_properties=["tried_at"]
)
_mapping.map_imperatively(ReviewTask, review_tasks)
_mapping.map_imperatively(
    Review,
    reviews,
    version_id_col=reviews.c.version,
    properties={"tasks": _children(ReviewTask, review_tasks.c.decided_at)},
)
