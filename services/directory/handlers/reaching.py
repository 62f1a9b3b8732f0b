"""What everybody who hands out roles is asked: does their own reach cover it, does the catalogue allow it?"""

from collections.abc import Sequence
from datetime import date

from contracts.directory import HeldRole
from kernel.call import Call
from kernel.errors import Invalid
from services.directory.domain.granting import check_may_grant
from services.directory.repository import AgencyRepository
from services.directory.tools import Tools


def check_may_hand_out(call: Call, roles: Sequence[HeldRole], day: date, path: str = "roles") -> None:
    """Refuse roles beyond the caller's reach, and those that nobody may hold there from `day` on."""
    check_reach(call, roles, path)
    tools: Tools = call.tools
    agencies = AgencyRepository(call.session)
    for role in roles:
        period = agencies.get(role.agency_id, path).on(day)
        if period is None:
            raise Invalid("agency_not_there_then", path, day=day.strftime("%d/%m/%Y"))
        tools.roles.check_may_hold(role, period.kind, path)


def check_reach(call: Call, roles: Sequence[HeldRole], path: str = "roles") -> None:
    """Refuse roles that none of the caller's own may grant as far; the same to withdraw them."""
    if call.actor.is_system:
        return
    tools: Tools = call.tools
    agencies, today = AgencyRepository(call.session), call.today()
    for role in roles:
        check_may_grant(
            call.actor.roles,
            role,
            may_grant=tools.roles.may_grant,
            is_below=lambda above, below: agencies.is_below(above, below, today),
            path=path,
        )
