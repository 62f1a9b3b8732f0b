"""Delegations: loading them for writing, and answering who acts for whom."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from contracts.directory import delegations as c
from kernel.base.errors import NotFound
from kernel.base.ids import NOBODY
from kernel.data.paging import Order, page
from kernel.data.periods import lasts
from kernel.work.call import Call
from kernel.work.operations import query
from kernel.work.unit_of_work import track
from services.directory.roles.domain.delegation import Delegation
from services.directory.roles.tables import delegations
from services.directory.staff.domain.position import Position
from services.directory.staff.tables import positions


class DelegationRepository:
    """Delegations, and the positions between which they are."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, delegation: Delegation) -> None:
        self.session.add(delegation)
        track(self.session, delegation, is_new=True)

    def get(self, delegation_id: UUID) -> Delegation:
        delegation = self.session.get(Delegation, delegation_id)
        if delegation is None:
            raise NotFound("delegation_not_found", "delegationId")
        track(self.session, delegation)
        return delegation

    def find(self, delegation_id: UUID) -> Delegation | None:
        """To be read, not changed."""
        return self.session.get(Delegation, delegation_id)

    def acts_until(self, giver: UUID, position_id: UUID, agency_id: UUID | None, day: date) -> date | None:
        """When acting for them as that position ends; of several delegations that lend it, the first."""
        given = delegations.c
        ends = select(func.min(given.valid_to)).where(
            given.given_by == giver,
            given.to_position_id == position_id,
            given.agency_id == agency_id,
            lasts(given.valid_from, given.valid_to, day),
        )
        first: date | None = self.session.scalar(ends)
        return first

    def position(self, position_id: UUID, field: str) -> Position:
        """The delegation as it stands now; one who ends it waits until this is done."""
        shared: Any = {"read": True}
        found = self.session.get(Position, position_id, with_for_update=shared, populate_existing=True)
        if found is None:
            raise NotFound("position_not_found", field)
        return found

    def is_filled(self, like: Position, day: date) -> bool:
        """Whether somebody holds the same post of the agency that day."""
        held = positions.c
        mine = select(held.title_folded).where(held.id == like.id).scalar_subquery()
        there = select(held.id).where(
            held.agency_id == like.agency_id,
            held.title_folded == mine,
            lasts(held.held_from, held.held_to, day),
        )
        return self.session.scalar(there.limit(1)) is not None

    def with_positions(self, position_ids: Iterable[UUID], day: date) -> Sequence[Delegation]:
        """The delegations from or to one of the positions that last on `day` or begin later."""
        ids = list(position_ids)
        either = or_(delegations.c.from_position_id.in_(ids), delegations.c.to_position_id.in_(ids))
        return self._some(either, day)

    def concerned(
        self, position_ids: Iterable[UUID], agency_ids: Iterable[UUID], day: date
    ) -> Sequence[Delegation]:
        """The delegations from one of the positions, or of a post of one of the agencies."""
        given = delegations.c
        by_position = given.from_position_id.in_(list(position_ids))
        return self._some(or_(by_position, given.agency_id.in_(list(agency_ids))), day)

    def acting_in(self, post: Position, day: date) -> Sequence[Delegation]:
        """The delegations to act in a post of that title and agency while nobody holds it."""
        held = positions.c
        mine = select(held.title_folded).where(held.id == post.id).scalar_subquery()
        same = select(held.id).where(held.agency_id == post.agency_id, held.title_folded == mine)
        acting = delegations.c.kind == c.DelegationKind.ACTING
        return self._some(and_(acting, delegations.c.from_position_id.in_(same)), day)

    def _some(self, which: Any, day: date) -> Sequence[Delegation]:
        wanted = select(Delegation).where(which, _lasting(day)).order_by(delegations.c.id)
        found = self.session.scalars(wanted).all()
        for delegation in found:
            track(self.session, delegation)
        return found


@query(c.ListDelegations)
def list_delegations(call: Call, question: c.ListDelegations) -> c.DelegationPage:
    """By first day; one's own, or those of an agency's posts."""
    given = delegations.c
    wanted = select(delegations).where(_lasting(question.as_of or call.today()))
    if question.agency_id is None:
        wanted = wanted.where(_of(call.actor.person_id or NOBODY))
    elif call.may_reach(question.agency_id, call.policy.sights["delegations_of_others"]):
        wanted = wanted.where(given.agency_id == question.agency_id)
    else:
        wanted = wanted.where(given.agency_id == question.agency_id, _of(call.actor.person_id or NOBODY))
    order: Order = [(given.valid_from, "asc"), (given.id, "asc")]
    rows, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    return c.DelegationPage(items=[view(row) for row in rows], has_next=has_next, cursors=cursors)


def view(row: Any) -> c.DelegationView:
    """A delegation as others see it, from its row or the aggregate."""
    return c.DelegationView(**{each.name: getattr(row, each.name) for each in fields(c.DelegationView)})


def _of(person_id: UUID) -> Any:
    return or_(delegations.c.given_by == person_id, delegations.c.to_person_id == person_id)


def _lasting(day: date) -> Any:
    """On `day` or later; what was undone never lasted."""
    given = delegations.c
    return and_(given.valid_to > day, given.valid_to > given.valid_from)
