"""How a locked name is answered, whoever asks."""

from kernel.clock import VIETNAM
from kernel.errors import Forbidden
from services.directory.domain.lockout import SignInGuard


def locked_out(guard: SignInGuard) -> Forbidden:
    """The refusal that says until when; the moment is read in Vietnam."""
    assert guard.locked_until is not None
    until = guard.locked_until.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y")
    return Forbidden("sign_in_locked", until=until)
