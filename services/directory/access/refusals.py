"""The refusals of signing in that say until when, or since when."""

from contracts.directory.accounts import DisabledBecause
from kernel.base.clock import VIETNAM
from kernel.base.errors import Forbidden
from services.directory.access.domain.account import Account
from services.directory.access.domain.lockout import SignInGuard


def locked_out(guard: SignInGuard) -> Forbidden:
    """The refusal that says until when; the moment is read in Vietnam."""
    assert guard.locked_until is not None
    until = guard.locked_until.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y")
    return Forbidden("sign_in_locked_here" if guard.is_of_address else "sign_in_locked", until=until)


def disabled(account: Account) -> Forbidden:
    """The refusal for the right password of an account that is out of use."""
    assert account.disabled_at is not None
    day = account.disabled_at.astimezone(VIETNAM).strftime("%d/%m/%Y")
    is_idle = account.disabled_because is DisabledBecause.IDLE
    return Forbidden("account_disabled_idle" if is_idle else "account_disabled", day=day)
