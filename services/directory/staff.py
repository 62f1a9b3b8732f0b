"""Answers who works here: people by name, and the masked identity numbers to the few who may see them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from contracts import people as c
from contracts.directory import PeopleByIds, PersonView, Role
from kernel.call import Call
from kernel.data.paging import Order, page
from kernel.data.periods import lasts
from kernel.text import fold
from kernel.trust.visibility import Reach, among
from services.directory import queries
from services.directory.tables import people, positions
from services.directory.tools import Tools

KEEPERS = (Role.PROVINCE_ADMIN, Role.UNIT_LEADER)
"""Who amends what is known of the people of their agencies, and sees a masked identity number."""


def people_by_ids(call: Call, question: PeopleByIds) -> list[PersonView]:
    """Colleagues see each other's address; a portal's program that of who works in its agencies today."""
    wanted = select(people).where(people.c.id.in_(question.ids))
    if call.actor.is_client and not (reach := call.reach()).everything:
        wanted = wanted.where(_works_in(call, reach.agency_ids))
    return views(call, call.session.execute(wanted).all())


def list_people(call: Call, question: c.ListPeople) -> c.PersonPage:
    """By name without diacritics; of colleagues only, or of one agency among theirs."""
    wanted = select(people).where(*(queries.says(people.c.search_folded, word) for word in _words(question)))
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
    """People as the caller may see them."""
    masks = _masks(call, rows)
    return [queries.person_view(row, masks.get(row.id)) for row in rows]


def _words(question: c.ListPeople) -> list[str]:
    return fold(question.search or "").split()


def _works_in(call: Call, agency_ids: Sequence[UUID]) -> ColumnElement[bool]:
    return people.c.id.in_(_staff(call, agency_ids))


def _staff(call: Call, agency_ids: Sequence[UUID]) -> Select[tuple[UUID]]:
    held = positions.c
    which = held.agency_id == agency_ids[0] if len(agency_ids) == 1 else among(held.agency_id, agency_ids)
    return select(held.person_id).where(which, lasts(held.held_from, held.held_to, call.today()))


def _masks(call: Call, rows: Sequence[Any]) -> dict[UUID, str]:
    """The last digits of the identity numbers of those whom the caller keeps."""
    sealed = [row for row in rows if row.identity_cipher is not None]
    if not sealed or not any(held.role in KEEPERS for held in call.actor.roles):
        return {}
    reach = call.reach(KEEPERS)
    theirs = {row.id for row in sealed} if reach.everything else _among(call, reach, sealed)
    vault = _tools(call).identity
    return {
        row.id: vault.masked(row.identity_key, row.identity_cipher, row.id)
        for row in sealed
        if row.id in theirs
    }


def _among(call: Call, reach: Reach, rows: Sequence[Any]) -> set[UUID]:
    staff = _staff(call, reach.agency_ids).where(positions.c.person_id.in_([row.id for row in rows]))
    return set(call.session.scalars(staff))


def _tools(call: Call) -> Tools:
    tools: Tools = call.tools
    return tools
