"""The tables of programmes, audits and findings, and their mapping onto the domain."""

from sqlalchemy import Column, Date, ForeignKey, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from contracts.audits.programmes import AuditState, ChecklistItemView, Grade, ProgrammeState
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.audits.metadata import MAPPED, METADATA, children
from services.audits.programmes.domain import Audit, Finding, Programme

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

MAPPED.map_imperatively(Programme, programmes, version_id_col=programmes.c.version)

MAPPED.map_imperatively(Finding, findings)

MAPPED.map_imperatively(
    Audit,
    audits,
    version_id_col=audits.c.version,
    properties={"findings": children(Finding, findings.c.seq)},
)
