"""What several commands about people and their accounts ask or answer alike."""

from uuid import UUID

from contracts.sessions import DisabledBecause
from kernel.call import Call
from kernel.clock import VIETNAM
from kernel.data.ids import NOBODY
from kernel.errors import Forbidden
from services.directory.domain.account import Account
from services.directory.domain.lockout import SignInGuard
from services.directory.repository import PositionRepository


def require_over(call: Call, person_id: UUID) -> None:
    """Refuse unless the caller reaches every agency the person works in, or their own if it is none."""
    positions = PositionRepository(call.session).held_by(person_id, call.today())
    for agency_id in {each.agency_id for each in positions} or {call.actor.agency_id or NOBODY}:
        call.require(agency_id=agency_id)


def locked_out(guard: SignInGuard) -> Forbidden:
    """The refusal that says until when; the moment is read in Vietnam."""
    assert guard.locked_until is not None
    until = guard.locked_until.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y")
    return Forbidden("sign_in_locked", until=until)


def disabled(account: Account) -> Forbidden:
    """The refusal for the right password of an account that is out of use."""
    assert account.disabled_at is not None
    day = account.disabled_at.astimezone(VIETNAM).strftime("%d/%m/%Y")
    is_idle = account.disabled_because is DisabledBecause.IDLE
    return Forbidden("account_disabled_idle" if is_idle else "account_disabled", day=day)
