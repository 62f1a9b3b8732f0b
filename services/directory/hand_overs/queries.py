"""Answers about hand-overs: to those who take part, and to who leads the agency."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal, or_, select

from contracts.directory import hand_overs as c
from contracts.directory.roles import HeldRole
from kernel.base.errors import NotFound
from kernel.data.paging import Order, page
from kernel.work.call import Call
from kernel.work.operations import query
from services.directory.agencies import queries
from services.directory.hand_overs.domain import HandOver, Names
from services.directory.hand_overs.tables import hand_overs
from services.directory.staff.tables import people, positions

_SAME = (
    *("id", "number", "agency_id", "giver_position_id", "giver_id", "receiver_position_id", "receiver_id"),
    *("note", "state", "drawn_up_at", "handed_over_at", "reason", "version"),
)


@query(c.HandOversByIds)
def hand_overs_by_ids(call: Call, question: c.HandOversByIds) -> list[c.HandOverView]:
    """The hand-overs among these that the caller may see."""
    wanted = select(HandOver).where(hand_overs.c.id.in_(question.ids), _visible(call))
    return [view(each) for each in call.session.scalars(wanted)]


@query(c.ListHandOvers)
def list_hand_overs(call: Call, question: c.ListHandOvers) -> c.HandOverPage:
    """The latest first."""
    wanted = select(hand_overs.c.id, hand_overs.c.drawn_up_at).where(_visible(call))
    if question.agency_id is not None:
        wanted = wanted.where(hand_overs.c.agency_id == question.agency_id)
    if question.state is not None:
        wanted = wanted.where(hand_overs.c.state == question.state)
    order: Order = [(hand_overs.c.drawn_up_at, "desc"), (hand_overs.c.id, "desc")]
    rows, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    found = select(HandOver).where(hand_overs.c.id.in_([row.id for row in rows]))
    known = {each.id: each for each in call.session.scalars(found)}
    return c.HandOverPage(items=[view(known[row.id]) for row in rows], has_next=has_next, cursors=cursors)


def names(call: Call, hand_over: HandOver, passed: Sequence[HeldRole]) -> Names:
    """What everybody and everything in it is called today."""
    today = call.today()
    holdings = {each.position_id for each in hand_over.signatures}
    holdings |= {hand_over.giver_position_id, hand_over.receiver_position_id}
    wanted = select(positions.c.id, people.c.full_name, positions.c.title).join(
        people, people.c.id == positions.c.person_id
    )
    rows = call.session.execute(wanted.where(positions.c.id.in_(holdings)))
    return Names(
        agency=queries.agency_view(call.session, hand_over.agency_id, today).name,
        roles=tuple(_named(call, each) for each in passed),
        holders={row.id: (row.full_name, row.title) for row in rows},
        people=_called(call, {each.on_behalf_of for each in hand_over.signatures} - {None}),
    )


def _called(call: Call, ids: set[Any]) -> dict[UUID, str]:
    wanted = select(people.c.id, people.c.full_name).where(people.c.id.in_(ids))
    return {row.id: row.full_name for row in call.session.execute(wanted)} if ids else {}


def _named(call: Call, held: HeldRole) -> c.RolePassed:
    rule = call.resources.roles.of[held.role]
    agency = queries.agency_view(call.session, held.agency_id, call.today())
    return c.RolePassed(
        role=held.role,
        name=rule.name.vi,
        name_en=rule.name.en,
        agency=agency.name,
        with_subtree=held.with_subtree,
    )


def unknown() -> NotFound:
    """The same answer for what is not there and for what is not for the caller."""
    return NotFound("hand_over_not_found", "handOverId")


def may_see(call: Call, hand_over: HandOver) -> bool:
    """The rule of `_visible`, for one that is loaded."""
    takes_part = call.actor.person_id in (hand_over.giver_id, hand_over.receiver_id)
    return takes_part or hand_over.agency_id in call.reach_of("hand_overs_of_others")


def view(found: HandOver) -> c.HandOverView:
    """The aggregate as it is shown."""
    return c.HandOverView(
        **{name: getattr(found, name) for name in _SAME},
        roles=list(found.roles),
        signatures=list(found.signatures),
    )


def _visible(call: Call) -> ColumnElement[bool]:
    reach = call.reach_of("hand_overs_of_others")
    if reach.everything:
        return literal(True)
    me = call.actor.person_id
    return or_(
        hand_overs.c.giver_id == me,
        hand_overs.c.receiver_id == me,
        hand_overs.c.agency_id.in_(reach.agency_ids),
    )
