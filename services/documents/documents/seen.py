"""Which documents a caller may see, and the columns that every answer about documents selects."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select

from contracts.documents import documents as c
from kernel.data.periods import lasts
from kernel.trust.reach import Reach
from org.reach import among
from services.documents.documents.tables import documents, parties, revisions

_OPEN = (
    select(revisions.c.id)
    .where(revisions.c.document_id == documents.c.id, revisions.c.state != c.RevisionState.ISSUED)
    .scalar_subquery()
)
_SAME = ("id", "agency_id", "kind", "code", "title", "distribution", "version")


def document_rows() -> Select[Any]:
    """Every document with the columns of a `DocumentView`."""
    numbered_in = func.coalesce(documents.c.numbered_in, documents.c.agency_id).label("numbered_in")
    columns = [documents.c[name] for name in _SAME]
    return select(*columns, numbered_in, _OPEN.label("open_revision_id"))


def visible(reach: Reach) -> ColumnElement[bool]:
    """Whether the caller is a party of the document, asked of one document after the other."""
    if reach.everything:
        return literal(True)
    mine = among(parties.c.agency_id, reach.agency_ids)
    party = select(parties.c.document_id).where(parties.c.document_id == documents.c.id, mine)
    return as_written(party).exists()


def as_written(rows: Select[Any]) -> Select[Any]:
    """A subquery that PostgreSQL runs as it is written: an offset keeps it from being joined away.

    Without it the planner reads every party of the caller before the first row of a page, when its
    statistics make it believe that this is cheaper. For a wide reach that way is a hundred times dearer.
    """
    return rows.offset(0)


def in_force(day: date) -> ColumnElement[bool]:
    """Whether a revision is in force on a date; its last day is the one before its successor's first."""
    during = lasts(revisions.c.effective_from, revisions.c.effective_to, day)
    return and_(revisions.c.state == c.RevisionState.ISSUED, during)
