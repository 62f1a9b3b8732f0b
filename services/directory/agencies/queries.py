"""Answers about agencies, straight from the tables."""

from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from contracts.directory.agencies import (
    AgenciesByIds,
    AgencyPage,
    AgencyParticulars,
    AgencyView,
    ListAgencies,
)
from kernel.base.text import fold
from kernel.data.paging import Order, page
from kernel.data.periods import lasts
from kernel.work.call import Call
from kernel.work.operations import query
from services.directory.agencies.tables import agencies, agency_periods

PARTICULARS = tuple(each.name for each in fields(AgencyParticulars))
INDEXED_LETTERS = 3


@query(AgenciesByIds)
def agencies_by_ids(call: Call, question: AgenciesByIds) -> list[AgencyView]:
    """Agencies as they were that day; one that was not there then is left out, or shown as it last was."""
    agencies = agencies_on(question.as_of or call.today(), ended=question.ended)
    wanted = agencies.where(agency_periods.c.agency_id.in_(question.ids))
    return [as_agency(row) for row in call.session.execute(wanted)]


@query(ListAgencies)
def list_agencies(call: Call, question: ListAgencies) -> AgencyPage:
    """By name. In a search, names of that day that hold it with its very diacritics come first."""
    periods = agency_periods.c
    wanted = agencies_on(question.as_of or call.today(), ended=question.ended)
    if question.kind is not None:
        wanted = wanted.where(periods.kind == question.kind)
    if question.parent_id is not None:
        wanted = wanted.where(periods.parent_id == question.parent_id)
    if not (words := fold(question.search or "").split()):
        order: Order = [(periods.name_folded, "asc"), (periods.agency_id, "asc")]
        wanted = wanted.add_columns(periods.name_folded)
    else:
        found = _search(wanted, words, str(question.search))
        wanted = select(found)
        order = [(found.c[name], "asc") for name in ("rank", "name_folded", "agency_id")]
    rows, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    return AgencyPage(items=[as_agency(row) for row in rows], has_next=has_next, cursors=cursors)


def agency_view(session: Session, agency_id: UUID, day: date) -> AgencyView:
    """One agency as it is on `day`; the caller knows that it is there then."""
    return as_agency(session.execute(agencies_on(day).where(agency_periods.c.agency_id == agency_id)).one())


def _as_shown(day: date, ended: bool) -> ColumnElement[bool]:
    """The state of that day; with `ended` also the last state of an agency that is gone by then."""
    period, later = agency_periods.c, agency_periods.alias()
    there = lasts(period.valid_from, period.valid_to, day)
    if not ended:
        return there
    # Looked up for each row shown: as a question whether there is none, it was answered for the whole table.
    last = select(func.max(later.c.valid_from)).where(later.c.agency_id == period.agency_id)
    return or_(there, and_(period.valid_to <= day, period.valid_from == last.scalar_subquery()))


def agencies_on(day: date, *, ended: bool = False) -> Select[Any]:
    """Agencies as they are on `day`."""
    period = agency_periods.c
    # Looked up for each row shown: a join made the planner read the whole table for one page.
    version = select(agencies.c.version).where(agencies.c.id == period.agency_id).scalar_subquery()
    return select(
        period.agency_id,
        version.label("version"),
        period.code,
        period.name,
        period.short_name,
        period.kind,
        period.parent_id,
        *(period[name] for name in PARTICULARS),
        period.valid_from,
        period.valid_to,
    ).where(_as_shown(day, ended))


def _search(wanted: Select[Any], words: list[str], search: str) -> Subquery:
    """Every word must be found in one of its states, without diacritics; `rank` names those right today."""
    period, ever = agency_periods.c, agency_periods.alias()
    said = [says(ever.c.search_folded, word) for word in words]
    wanted = wanted.where(period.agency_id.in_(select(ever.c.agency_id).where(*said)))
    exact = period.name.icontains(" ".join(search.split()), autoescape=True)
    rank: ColumnElement[int] = case((exact, literal(0)), else_=literal(1))
    return wanted.add_columns(period.name_folded, rank.cast(Integer).label("rank")).subquery()


def says(text: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Anywhere in the text; of so few letters, which the index knows only there, at a word's beginning."""
    if len(word) >= INDEXED_LETTERS:
        return text.contains(word, autoescape=True)
    return or_(text.startswith(word, autoescape=True), text.contains(f" {word}", autoescape=True))


def as_agency(row: Any) -> AgencyView:
    """A row of `agencies_on` as it is shown."""
    return AgencyView(
        id=row.agency_id,
        code=row.code,
        name=row.name,
        short_name=row.short_name,
        kind=row.kind,
        parent_id=row.parent_id,
        **{name: getattr(row, name) for name in PARTICULARS},
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        version=row.version,
    )
