"""Answers reads straight from the tables; builds no aggregate."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from contracts.directory import access
from contracts.directory import staff as c
from contracts.directory.agencies import (
    AgenciesByIds,
    AgencyPage,
    AgencyParticulars,
    AgencyView,
    ListAgencies,
)
from contracts.directory.roles import HeldRole
from kernel.base import clock
from kernel.base.errors import Forbidden, NotFound
from kernel.base.text import fold
from kernel.data.paging import Order, page
from kernel.data.periods import lasts
from kernel.work.call import Call
from kernel.work.operations import query
from org.reach import within
from services.directory.access_tables import accounts
from services.directory.policy import PERSONAL, Tie
from services.directory.tables import agencies, agency_periods, people, position_roles, positions

PARTICULARS = tuple(each.name for each in fields(AgencyParticulars))
INDEXED_LETTERS = 3


@query(AgenciesByIds)
def agencies_by_ids(call: Call, question: AgenciesByIds) -> list[AgencyView]:
    """Agencies as they were that day; one that was not there then is left out, or shown as it last was."""
    agencies = _agencies(question.as_of or call.today(), ended=question.ended)
    wanted = agencies.where(agency_periods.c.agency_id.in_(question.ids))
    return [_agency(row) for row in call.session.execute(wanted)]


@query(ListAgencies)
def list_agencies(call: Call, question: ListAgencies) -> AgencyPage:
    """By name. Of a search, names of that day that hold it with its very diacritics come first."""
    periods = agency_periods.c
    wanted = _agencies(question.as_of or call.today(), ended=question.ended)
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
    return AgencyPage(items=[_agency(row) for row in rows], has_next=has_next, cursors=cursors)


@query(c.PositionsByIds)
def positions_by_ids(call: Call, question: c.PositionsByIds) -> list[c.PositionView]:
    """Those of them that the caller may know of."""
    wanted = _known_to(call, select(positions).where(positions.c.id.in_(question.ids)))
    return position_views(call.session, call.session.execute(wanted).all())


@query(c.ListPositions)
def list_positions(call: Call, question: c.ListPositions) -> c.PositionPage:
    """Who held what in the agency that day, by title."""
    day = question.as_of or call.today()
    held = positions.c
    there = (held.agency_id == question.agency_id, lasts(held.held_from, held.held_to, day))
    wanted = _known_to(call, select(positions).where(*there))
    order: Order = [(held.title_folded, "asc"), (held.id, "asc")]
    rows, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    items = position_views(call.session, rows)
    return c.PositionPage(items=items, has_next=has_next, cursors=cursors)


@query(access.Me)
def me(call: Call, question: access.Me) -> access.MeView:
    """The caller as the grant names them."""
    position_id = call.actor.position_id
    if position_id is None:
        raise Forbidden("not_signed_in")
    # Imported here: the capacity shows people as this module does.
    from services.directory.handlers.capacity import show

    return show(call.session, me_view(call.session, position_id, call.today()), call.actor)


@query(access.Clock)
def tell_time(call: Call, question: access.Clock) -> access.ClockView:
    return access.ClockView(
        real_now=call.real_now(),
        business_now=call.now(),
        business_today=call.today(),
        is_shifted=clock.is_shifted(),
    )


def me_view(session: Session, position_id: UUID, today: date) -> access.MeView:
    """The person, position and agency behind a position id."""
    rows = session.execute(select(positions).where(positions.c.id == position_id)).all()
    if not rows:
        raise NotFound("position_not_found", "positionId")
    [position] = position_views(session, rows)
    agency = session.execute(_agencies(today).where(agency_periods.c.agency_id == position.agency_id)).first()
    if agency is None:
        raise Forbidden("no_current_position")
    must_change = select(accounts.c.must_change_password).where(accounts.c.person_id == position.person_id)
    return access.MeView(
        person=oneself(session, position.person_id),
        position=position,
        agency=_agency(agency),
        business_today=today,
        must_change_password=bool(session.scalar(must_change)),
    )


def oneself(session: Session, person_id: UUID) -> c.PersonView:
    """The caller, who sees their own contacts."""
    return person_view(_person(session, person_id), {Tie.ANYBODY, Tie.COLLEAGUE})


def name_of(session: Session, person_id: UUID) -> c.PersonView:
    """Somebody as anybody sees them; the caller knows that they are there."""
    return person_view(_person(session, person_id), {Tie.ANYBODY})


def _person(session: Session, person_id: UUID) -> Any:
    return session.execute(select(people).where(people.c.id == person_id)).one()


def agency_view(session: Session, agency_id: UUID, day: date) -> AgencyView:
    """One agency as it is on `day`; the caller knows that it is there then."""
    return _agency(session.execute(_agencies(day).where(agency_periods.c.agency_id == agency_id)).one())


def position_views(session: Session, rows: Sequence[Any]) -> list[c.PositionView]:
    """Rows of positions with the roles that last as long as they, in one more query for any number."""
    roles: dict[UUID, list[HeldRole]] = {row.id: [] for row in rows}
    if rows:
        granted = select(position_roles).where(position_roles.c.position_id.in_(roles))
        held_to = {row.id: row.held_to for row in rows}
        in_order = granted.order_by(position_roles.c.role, position_roles.c.agency_id)
        for role in session.execute(in_order):
            if role.valid_to != held_to[role.position_id]:
                continue
            roles[role.position_id].append(
                HeldRole(role=role.role, agency_id=role.agency_id, with_subtree=role.with_subtree)
            )
    return [_position(row, roles[row.id]) for row in rows]


def _known_to(call: Call, wanted: Select[Any]) -> Select[Any]:
    """A portal's program knows the posts of its agencies; members of staff know who holds which anywhere."""
    return within(wanted, positions.c.agency_id, call.reach()) if call.actor.is_client else wanted


def _as_shown(day: date, ended: bool) -> ColumnElement[bool]:
    """The state of that day; with `ended` also the last state of an agency that is gone by then."""
    period, later = agency_periods.c, agency_periods.alias()
    there = lasts(period.valid_from, period.valid_to, day)
    if not ended:
        return there
    # Looked up for each row shown: as a question whether there is none, it was answered for the whole table.
    last = select(func.max(later.c.valid_from)).where(later.c.agency_id == period.agency_id)
    return or_(there, and_(period.valid_to <= day, period.valid_from == last.scalar_subquery()))


def _agencies(day: date, *, ended: bool = False) -> Select[Any]:
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
    """Every word must be found in one of its states, without diacritics; `rank` tells those right today."""
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


def _agency(row: Any) -> AgencyView:
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


def person_view(row: Any, ties: Collection[Tie], identity_masked: str | None = None) -> c.PersonView:
    """A person from their row or the aggregate, as far as these ties let it be seen."""
    shown: dict[str, Any] = {
        name: getattr(row, name)
        for name, tie in PERSONAL.items()
        if tie in ties and name != "identity_masked"
    }
    if PERSONAL["identity_masked"] in ties:
        shown["identity_masked"] = identity_masked
    return c.PersonView(**{"email": None} | shown)


def _position(row: Any, roles: list[HeldRole]) -> c.PositionView:
    return c.PositionView(
        id=row.id,
        agency_id=row.agency_id,
        person_id=row.person_id,
        title=row.title,
        held_from=row.held_from,
        held_to=row.held_to,
        roles=roles,
        version=row.version,
    )
