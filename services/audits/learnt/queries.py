"""What is asked of the copies of others' facts."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from org import succession
from services.audits.learnt.tables import procedures


def procedure_titles(session: Session, agency_id: UUID) -> dict[UUID, str]:
    """The agency's issued procedures, those it took over among them: id → code and title."""
    wanted = select(procedures.c.document_id, procedures.c.code, procedures.c.title)
    line = succession.lineage(session, [agency_id])
    rows = session.execute(wanted.where(procedures.c.agency_id.in_(line)))
    return {row.document_id: f"{row.code} {row.title}" for row in rows}
