"""Letting others act for a post, ending that, and what ends it by itself."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from contracts.directory import delegations as c
from contracts.directory.roles import HeldRole
from kernel.base.errors import Conflict, Forbidden, Invalid, NotFound
from kernel.base.ids import new_id
from kernel.work.call import Call
from kernel.work.operations import command
from services.directory.agencies.repository import AgencyRepository
from services.directory.resources import Resources
from services.directory.roles import delegations
from services.directory.roles.delegations import DelegationRepository
from services.directory.roles.domain.delegation import Delegation, share
from services.directory.roles.reaching import check_reach
from services.directory.staff.domain.position import Position


@command(c.Delegate)
def delegate(call: Call, command: c.Delegate) -> c.DelegationView:
    """Lend what a post brings: one's own post, or one that nobody holds."""
    if call.actor.on_behalf_of is not None or not call.actor.roles:
        # What was lent is not passed on, and who must change the password first has nothing yet.
        raise Forbidden("delegation_of_delegated")
    AgencyRepository(call.session).hold_tree()
    repository, resources = DelegationRepository(call.session), _resources(call)
    post = repository.position(command.from_position_id, "fromPositionId")
    held = _held(call, command, post)
    to = _receiver(call, command, post)
    day = command.valid_from
    agencies = AgencyRepository(call.session)
    wanted = [
        HeldRole(role=each.role, agency_id=each.agency_id or post.agency_id, with_subtree=each.with_subtree)
        for each in command.roles
    ]
    roles = share(held, wanted, resources.roles, lambda above, below: agencies.is_below(above, below, day))
    if command.kind is c.DelegationKind.ACTING:
        check_reach(call, roles)
    given = Delegation.give(
        today=call.today(),
        id=new_id(),
        kind=command.kind,
        agency_id=post.agency_id,
        from_position_id=post.id,
        given_by=call.actor.person_id,
        to_position_id=to.id,
        to_person_id=to.person_id,
        roles=roles,
        signing_authority=command.signing_authority,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        basis=command.basis,
    )
    repository.add(given)
    return _view(call, given)


@command(c.EndDelegation)
def end_delegation(call: Call, command: c.EndDelegation) -> c.DelegationView:
    """End a delegation, as its giver, its receiver, or the agency's leader or administrator."""
    delegation = DelegationRepository(call.session).get(command.delegation_id)
    is_mine = call.actor.person_id in (delegation.given_by, delegation.to_person_id)
    leading = call.policy.sights["delegations_of_others"]
    if not is_mine and not call.may_reach(delegation.agency_id, leading):
        raise NotFound("delegation_not_found", "delegationId")
    if delegation.version != command.expected_version:
        raise Conflict("changed_meanwhile", "expectedVersion")
    delegation.end(max(command.valid_to, call.today()))
    call.because(command.reason)
    return _view(call, delegation)


def end_with(call: Call, position_ids: Iterable[UUID], day: date) -> None:
    """Positions end on `day`: nobody acts for them, and nobody acts as them, from then on."""
    # The positions are written first: a delegation made at the same time waits for that, or is seen here.
    call.session.flush()
    for delegation in DelegationRepository(call.session).with_positions(position_ids, day):
        delegation.end(day)


def end_of_roles(call: Call, position_ids: Iterable[UUID], gone: Iterable[UUID], day: date) -> None:
    """Agencies end on `day`: so do delegations of their posts and of roles for them, to be given anew."""
    ended = set(gone)
    for delegation in DelegationRepository(call.session).concerned(position_ids, ended, day):
        if delegation.agency_id in ended or any(role.agency_id in ended for role in delegation.roles):
            delegation.end(day)


def end_acting(call: Call, filled: Position) -> None:
    """Somebody holds the post again: the person who acted in it does so until the eve."""
    call.session.flush()
    day = max(filled.held_from, call.today())
    for delegation in DelegationRepository(call.session).acting_in(filled, day):
        delegation.end(day)


def _held(call: Call, command: c.Delegate, post: Position) -> list[HeldRole]:
    """What the post brings; refused unless it is the caller's own, or vacant and theirs to fill."""
    if command.kind is c.DelegationKind.ACTING:
        call.require(agency_id=post.agency_id)
        ends = post.held_to
        is_held = ends is None or ends > command.valid_from
        if is_held or DelegationRepository(call.session).is_filled(post, command.valid_from):
            raise Conflict("post_not_vacant", "fromPositionId", day=_read(command.valid_from))
        return post.roles_after({})
    if post.person_id != call.actor.person_id:
        raise NotFound("position_not_found", "fromPositionId")
    _check_lasts(post, command, "fromPositionId")
    return post.roles_on(command.valid_from)


def _receiver(call: Call, command: c.Delegate, post: Position) -> Position:
    to = DelegationRepository(call.session).position(command.to_position_id, "toPositionId")
    _check_lasts(to, command, "toPositionId")
    is_self = to.person_id == post.person_id and command.kind is c.DelegationKind.AUTHORISATION
    if is_self or to.id == post.id:
        raise Invalid("delegation_to_oneself", "toPositionId")
    return to


def _check_lasts(position: Position, command: c.Delegate, field: str) -> None:
    """Held from the first day to the last: a period that ends earlier would be promised and not kept."""
    if not position.is_held(command.valid_from):
        raise Invalid("position_not_held_then", field, day=_read(command.valid_from))
    if position.held_to is not None and command.valid_to > position.held_to:
        raise Invalid("delegation_outlasts_position", "validTo", end=_read(position.held_to))


def _view(call: Call, delegation: Delegation) -> c.DelegationView:
    call.session.flush()
    return delegations.view(delegation)


def _resources(call: Call) -> Resources:
    resources: Resources = call.resources
    return resources


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
