"""Guessing passwords: how long one waits after wrong tries, without anybody being shut out by others.

Who signed in from a device before is counted by that device alone: nothing that strangers do delays them,
and after wrong tries of their own they wait, a little longer each time. Strangers are counted three times: by
name and address together, by address, and, more patiently, by name: many addresses may guess at one name.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.forms import USERNAME

FROM = "from "


@dataclass(frozen=True, kw_only=True)
class LockOut:
    """One rule: so many tries are free, then one waits, each time twice as long."""

    free_tries: int
    first_lock_seconds: int
    longest_lock_seconds: int
    forget_after_seconds: int
    basis: str

    def lock_for(self, wrong_tries: int) -> timedelta | None:
        """How long one waits after the try that makes it `wrong_tries`, if one does."""
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


@dataclass(frozen=True, kw_only=True)
class LockOuts:
    """The rules by what is counted, and how much is kept of it all."""

    known_device: LockOut
    name_at_address: LockOut
    address: LockOut
    name: LockOut
    most_kept: int
    most_devices: int
    device_days: int

    @property
    def forget_after(self) -> timedelta:
        """The longest that any of them remembers."""
        rules = (self.known_device, self.name_at_address, self.address, self.name)
        return max(rule.forget_after for rule in rules)


@dataclass(eq=False, kw_only=True)
class SignInGuard:
    """Wrong tries under one key. Kept for names without an account too, so that it reveals nothing."""

    username: str
    """The key; a name alone is the key of all strangers' tries at it."""
    wrong_tries: int = 0
    last_wrong_at: datetime | None = None
    locked_until: datetime | None = None

    @property
    def is_of_address(self) -> bool:
        """Whether this guard counts the tries at all names from one address."""
        return self.username.startswith(FROM)

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until

    def count_wrong(self, now: datetime, rule: LockOut) -> None:
        """One more wrong try; from the rule's number on it locks."""
        if self.last_wrong_at is not None and now - self.last_wrong_at > rule.forget_after:
            self.wrong_tries = 0
        self.wrong_tries += 1
        self.last_wrong_at = now
        lock = rule.lock_for(self.wrong_tries)
        self.locked_until = now + lock if lock else None

    def clear(self) -> None:
        """The right password was given."""
        self.wrong_tries, self.last_wrong_at, self.locked_until = 0, None, None


NOBODYS_NAME = "?"
"""What every text is counted as that no account can be called: such names must not fill a table."""


def as_username(text: str) -> str:
    """A name as it is kept, whatever a telephone's keyboard made of it: small letters, nothing around."""
    name = unicodedata.normalize("NFKC", text).strip().lower()
    return name if 3 <= len(name) <= 64 and re.fullmatch(USERNAME, name) else NOBODYS_NAME


def keys_of_strangers(username: str, address: str) -> dict[str, str]:
    """Which rule counts under which key for somebody who is not known; no name holds a space."""
    return {
        "address": f"{FROM}{address}",
        "name_at_address": key_at(username, address),
        "name": username,
    }


def key_at(username: str, address: str) -> str:
    return f"at {address} {username}"


def key_of_device(digest: bytes) -> str:
    return f"device {digest.hex()}"


def key_of_own(account_id: UUID) -> str:
    """Tries at the password of a session that is open: they lock nobody out who signs in."""
    return f"own {account_id}"
