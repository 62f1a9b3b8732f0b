"""Finds the revision of a procedure that was in force on a day, for agencies that work by it."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from kernel.base.errors import Conflict, Invalid, NotFound
from org import succession
from services.cases.procedures.tables import procedures


def by_document(session: Session, document_id: UUID, day: date, agencies: Collection[UUID]) -> Any:
    """The revision of that document in force that day."""
    known = _known(session, procedures.c.document_id == document_id, agencies)
    if not known:
        raise NotFound("procedure_not_found", "documentId")
    return _one(known, day, agencies, "documentId")


def by_tthc(
    session: Session, code: str, day: date, agencies: Collection[UUID], *, kept: UUID | None = None
) -> Any:
    """The revision in force that day of the procedure for that TTHC; of several that of document `kept`."""
    known = _known(session, procedures.c.tthc_code == code, agencies)
    if not known:
        raise Invalid("tthc_unknown", "tthcCode", code=code)
    return _one(known, day, agencies, "tthcCode", kept)


def by_code(
    session: Session, code: str, day: date, agencies: Collection[UUID], *, kept: UUID | None = None
) -> Any:
    """The revision in force that day of the procedure with that code; of several that of document `kept`."""
    known = _known(session, procedures.c.code == code, agencies)
    if not known:
        raise NotFound("procedure_not_found", "documentCode")
    return _one(known, day, agencies, "documentCode", kept)


def _known(session: Session, which: ColumnElement[bool], agencies: Collection[UUID]) -> list[Any]:
    """Procedures that these agencies issued, or that were distributed to one of them.

    Theirs too is what an agency had whose things they go on with: it stands here as it was published then.
    """
    line = succession.lineage(session, agencies)
    theirs = or_(procedures.c.agency_id.in_(line), procedures.c.distribution.overlap(line))
    taken_over = procedures.c.agency_id.in_(line).label("is_taken_over")
    wanted = select(procedures, taken_over).where(and_(which, procedures.c.content.is_not(None), theirs))
    return list(session.execute(wanted.order_by(procedures.c.effective_from)).mappings())


def _one(
    known: Iterable[Any], day: date, agencies: Collection[UUID], field: str, kept: UUID | None = None
) -> Any:
    """One's own procedure goes before one taken over, and that before one that was distributed.

    Among several alike the one of the document `kept`; else a person must distinguish them.
    """
    rows = list(known)
    current = [row for row in rows if _is_in_force(row, day)]
    if not current:
        first = min(row["effective_from"] for row in rows)
        raise Invalid(
            "procedure_not_in_force_then",
            "receivedAt",
            code=rows[0]["code"],
            day=day.strftime("%d/%m/%Y"),
            first=first.strftime("%d/%m/%Y"),
        )
    own = [row for row in current if row["agency_id"] in agencies]
    nearest = own or [row for row in current if row["is_taken_over"]] or current
    if len(nearest) > 1:
        nearest = [row for row in nearest if row["document_id"] == kept] or nearest
    if len(nearest) > 1:
        raise Conflict("procedure_ambiguous", field, codes=", ".join(row["code"] for row in nearest))
    return nearest[0]


def _is_in_force(row: Any, day: date) -> bool:
    return row["effective_from"] <= day and (row["effective_to"] is None or day < row["effective_to"])
