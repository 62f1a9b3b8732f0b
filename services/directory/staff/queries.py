"""Answers who works here: people by name, and of each what `policy.PERSONAL` lets the caller see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from contracts.directory import staff as c
from contracts.directory.staff import PeopleByIds, PersonView
from kernel.base.text import fold
from kernel.data.paging import Order, page
from kernel.data.periods import lasts
from kernel.trust.reach import Reach
from kernel.work.call import Call
from kernel.work.operations import query
from org.reach import among
from services.directory.agencies import queries as agencies_queries
from services.directory.policy import Tie
from services.directory.resources import Resources
from services.directory.staff import views as queries
from services.directory.staff.tables import people, positions


@query(c.PeopleByIds)
def people_by_ids(call: Call, question: PeopleByIds) -> list[PersonView]:
    """Names for everybody, the rest by `policy.PERSONAL`; a program sees who works in its agencies."""
    wanted = select(people).where(people.c.id.in_(question.ids))
    if call.actor.is_client and not (reach := call.reach()).everything:
        wanted = wanted.where(_works_in(call, reach.agency_ids))
    return views(call, call.session.execute(wanted).all())


@query(c.ListPeople)
def list_people(call: Call, question: c.ListPeople) -> c.PersonPage:
    """By name without diacritics; of colleagues only, or of one agency among theirs."""
    wanted = select(people).where(
        *(agencies_queries.says(people.c.search_folded, word) for word in _words(question))
    )
    reach = call.reach()
    if question.agency_id is not None:
        shown = (question.agency_id,) if question.agency_id in reach else ()
        wanted = wanted.where(_works_in(call, shown))
    elif not reach.everything:
        wanted = wanted.where(_works_in(call, reach.agency_ids))
    order: Order = [(people.c.name_folded, "asc"), (people.c.id, "asc")]
    rows, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    return c.PersonPage(items=views(call, rows), has_next=has_next, cursors=cursors)


def views(call: Call, rows: Sequence[Any]) -> list[PersonView]:
    """People as the caller may see them: the only way from a row to what is shown of it."""
    near = _near(call, rows)
    masks = _masks(call, [row for row in rows if Tie.KEEPER in near[row.id]])
    return [queries.person_view(row, near[row.id], masks.get(row.id)) for row in rows]


def _near(call: Call, rows: Sequence[Any]) -> dict[UUID, set[Tie]]:
    """How near the caller is to each, by one question for all of them."""
    reach, keeping = call.reach(), call.reach_of("records")
    ids = [row.id for row in rows]
    there = set(ids) if reach.everything else _among(call, reach, ids)
    near: dict[UUID, set[Tie]] = {}
    for row in rows:
        ties = near.setdefault(row.id, {Tie.ANYBODY})
        if keeping.everything or (row.home_agency_id is not None and row.home_agency_id in keeping):
            ties |= {Tie.COLLEAGUE, Tie.RECEIVER, Tie.KEEPER}
        elif row.id in there or row.id == call.actor.person_id:
            ties.add(Tie.COLLEAGUE)
        if row.release is not None and row.release.agency_id in keeping:
            ties.add(Tie.RECEIVER)
    return near


def _words(question: c.ListPeople) -> list[str]:
    return fold(question.search or "").split()


def _works_in(call: Call, agency_ids: Sequence[UUID]) -> ColumnElement[bool]:
    return people.c.id.in_(_staff(call, agency_ids))


def _staff(call: Call, agency_ids: Sequence[UUID]) -> Select[tuple[UUID]]:
    held = positions.c
    which = held.agency_id == agency_ids[0] if len(agency_ids) == 1 else among(held.agency_id, agency_ids)
    return select(held.person_id).where(which, lasts(held.held_from, held.held_to, call.today()))


def _masks(call: Call, rows: Sequence[Any]) -> dict[UUID, str]:
    """The last digits of the identity numbers."""
    vault = _resources(call).identity
    return {
        row.id: vault.masked(row.identity_key, row.identity_cipher, row.id)
        for row in rows
        if row.identity_cipher is not None
    }


def _among(call: Call, reach: Reach, ids: Sequence[UUID]) -> set[UUID]:
    staff = _staff(call, reach.agency_ids).where(positions.c.person_id.in_(ids))
    return set(call.session.scalars(staff)) if ids else set()


def _resources(call: Call) -> Resources:
    resources: Resources = call.resources
    return resources
