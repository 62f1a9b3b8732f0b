"""What became of dossiers, counted: per agency, per procedure, and month by month."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import Question
from contracts.succession import Attribution


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
class FiguresOf(Question[list[FiguresView]]):
    """Figures of these agencies, or of all one reaches; months run from the first day of `from_month`.

    Unless they are apart by procedure, an agency without dossiers is told as zeros, not left out. Where
    agencies ended, `attribution` says under whom: `as_then` a dossier is received under the agency competent
    at its receipt, and ended under the one competent at its end; `as_now` all is summed under today's
    successor. What is open is a matter of whoever answers for it now, either way.
    """

    agency_ids: Annotated[list[UUID], Meta(max_length=500)] | None = None
    document_id: UUID | None = None
    by_document: bool = False
    from_month: date | None = None
    to_month: date | None = None
    attribution: Attribution = Attribution.AS_NOW


@dataclass(kw_only=True)
class FiguresByMonth(Question[list[MonthFigures]]):
    """Figures month by month of these agencies together, or of all one reaches; no month is left out.

    `as_now` with those whose dossiers they go on with, `as_then` without (see `FiguresOf`).
    """

    from_month: date
    to_month: date
    agency_ids: Annotated[list[UUID], Meta(max_length=500)] | None = None
    document_id: UUID | None = None
    attribution: Attribution = Attribution.AS_NOW
