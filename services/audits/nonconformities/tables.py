"""The tables of nonconformities and of overdue facts, and their mapping onto the domain."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Table, Text, Uuid

from contracts.audits.nonconformities import ActionState, NonconformitySource, NonconformityState, Severity
from kernel.data.columns import Word
from kernel.data.tables import MOMENT
from services.audits.metadata import MAPPED, METADATA, children
from services.audits.nonconformities.domain import CorrectiveAction, Nonconformity

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
# Which nonconformity holds the overdue facts of an agency, procedure, step and month.
overdue_groups = Table(
    "overdue_groups",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("nonconformity_id", Uuid, nullable=False),
)
# Overdue facts already counted: each dossier and step once, whatever is published again.
overdue_facts = Table("overdue_facts", METADATA, Column("key", Text, primary_key=True))
MAPPED.map_imperatively(CorrectiveAction, corrective_actions)
MAPPED.map_imperatively(
    Nonconformity,
    nonconformities,
    version_id_col=nonconformities.c.version,
    properties={"actions": children(CorrectiveAction, corrective_actions.c.planned_at)},
)
