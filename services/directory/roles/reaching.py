"""What everybody who hands out roles is asked: does their own reach cover it, does the catalogue allow it?"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from contracts.directory.roles import HeldRole
from kernel.base.errors import Forbidden, Invalid
from kernel.work.call import Call
from services.directory.agencies.repository import AgencyRepository
from services.directory.resources import Resources
from services.directory.roles.delegations import DelegationRepository
from services.directory.roles.domain.granting import check_may_grant
from services.directory.staff.guarding import refuse_principal


def check_may_hand_out(
    call: Call,
    roles: Sequence[HeldRole],
    day: date,
    path: str = "roles",
    *,
    to: UUID,
    until: date | None,
    end: str = "validTo",
) -> None:
    """Refuse roles beyond the caller's reach, and those that nobody may hold there from `day` on.

    One who acts for another hands them out for no longer than they themselves act; `end` is the field that
    says until when.
    """
    check_reach(call, roles, path, whose=to)
    if roles and call.actor.on_behalf_of is not None:
        _check_ends_with_what_was_lent(call, until, end)
    resources: Resources = call.resources
    agencies = AgencyRepository(call.session)
    for role in roles:
        period = agencies.get(role.agency_id, path).on(day)
        if period is None:
            raise Invalid("agency_not_there_then", path, day=day.strftime("%d/%m/%Y"))
        resources.roles.check_may_hold(role, period.kind, path)


def check_reach(
    call: Call, roles: Sequence[HeldRole], path: str = "roles", *, whose: UUID | None = None
) -> None:
    """Refuse roles that none of the caller's own may grant as far; the same to withdraw them."""
    if call.actor.is_system:
        return
    _check_lent(call, roles, whose)
    resources: Resources = call.resources
    agencies, today = AgencyRepository(call.session), call.today()
    for role in roles:
        check_may_grant(
            call.actor.roles,
            role,
            may_grant=resources.roles.may_grant,
            is_below=lambda above, below: agencies.is_below(above, below, today),
            path=path,
        )


def _check_lent(call: Call, roles: Sequence[HeldRole], whose: UUID | None) -> None:
    """Authority lent for a time is used for others only, and with the right to sign.

    Who could appoint themselves by it would keep what was lent for a day.
    """
    actor = call.actor
    if actor.on_behalf_of is None:
        return
    if whose is not None:
        refuse_principal(call, whose)
    if roles and not actor.may_sign:
        raise Forbidden("no_signing_authority")
    if whose == actor.person_id:
        raise Forbidden("lent_authority_for_oneself")


def _check_ends_with_what_was_lent(call: Call, until: date | None, field: str) -> None:
    actor = call.actor
    assert actor.on_behalf_of is not None
    assert actor.position_id is not None
    ends = DelegationRepository(call.session).acts_until(
        actor.on_behalf_of, actor.position_id, actor.agency_id, call.today()
    )
    if ends is None:
        # It ended while the session's grant had minutes to go.
        raise Forbidden("delegation_not_current")
    if until is None or until > ends:
        raise Forbidden("lent_authority_ends", field, end=ends.strftime("%d/%m/%Y"))
