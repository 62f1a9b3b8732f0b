"""Guessing passwords: how long a name stays locked after wrong tries."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class LockOut:
    """The rule: so many tries are free, then the name is locked, each time twice as long."""

    free_tries: int
    first_lock_seconds: int
    longest_lock_seconds: int
    forget_after_seconds: int
    basis: str

    def lock_for(self, wrong_tries: int) -> timedelta | None:
        """How long the try that makes it `wrong_tries` locks the name, if it does."""
        over = wrong_tries - self.free_tries
        if over < 0:
            return None
        # 2**40 seconds is beyond any cap; a larger exponent only costs time.
        seconds = self.first_lock_seconds * 2 ** min(over, 40)
        return timedelta(seconds=min(seconds, self.longest_lock_seconds))

    @property
    def forget_after(self) -> timedelta:
        """After so long without a wrong try, counting begins anew."""
        return timedelta(seconds=self.forget_after_seconds)


@dataclass(eq=False, kw_only=True)
class SignInGuard:
    """Wrong tries under one name. Kept for names without an account too, so that it tells nothing."""

    username: str
    wrong_tries: int = 0
    last_wrong_at: datetime | None = None
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until

    def count_wrong(self, now: datetime, rule: LockOut) -> None:
        """One more wrong try; from the rule's number on it locks the name."""
        if self.last_wrong_at is not None and now - self.last_wrong_at > rule.forget_after:
            self.wrong_tries = 0
        self.wrong_tries += 1
        self.last_wrong_at = now
        lock = rule.lock_for(self.wrong_tries)
        self.locked_until = now + lock if lock else None

    def clear(self) -> None:
        """The right password was given."""
        self.wrong_tries, self.last_wrong_at, self.locked_until = 0, None, None
