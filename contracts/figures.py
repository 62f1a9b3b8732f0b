"""What became of dossiers, counted: per agency, per procedure, and month by month."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import Question

SERVICE = "cases"


@dataclass(kw_only=True)
class FiguresView:
    """What became of the dossiers an agency answers for, as the competent one.

    Received, open and overdue ones count in the month of receipt, the others in the month they ended.
    """

    agency_id: UUID
    document_id: UUID | None
    received: int
    finished: int
    on_time: int
    late: int
    stopped: int
    open: int
    overdue_open: int


@dataclass(kw_only=True)
class MonthFigures:
    """One month (its first day), over all agencies asked about: what came in, and what ended how."""

    month: date
    received: int
    finished: int
    on_time: int
    late: int


@dataclass(kw_only=True)
class FiguresOf(Question):
    """Figures of these agencies, or of all one reaches; months run from the first day of `from_month`.

    Unless they are apart by procedure, an agency without dossiers is told as zeros, not left out.
    """

    agency_ids: Annotated[list[UUID], Meta(max_length=500)] | None = None
    document_id: UUID | None = None
    by_document: bool = False
    from_month: date | None = None
    to_month: date | None = None


@dataclass(kw_only=True)
class FiguresByMonth(Question):
    """Figures month by month of these agencies together, or of all one reaches; no month is left out."""

    from_month: date
    to_month: date
    agency_ids: Annotated[list[UUID], Meta(max_length=500)] | None = None
    document_id: UUID | None = None
