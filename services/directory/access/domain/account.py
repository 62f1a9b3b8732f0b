"""A local account: a name to sign in with and a password of which only the hash is known."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

from contracts.directory.accounts import DisabledBecause
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict


@dataclass(eq=False, kw_only=True)
class Account(Aggregate):
    """The account of one person; `set_by_request` lets the request that set the password be repeated."""

    SECRET: ClassVar[frozenset[str]] = frozenset({"password_hash"})

    person_id: UUID
    username: str
    password_hash: str
    password_set_at: datetime
    set_by_request: UUID
    must_change_password: bool
    disabled_at: datetime | None = None
    disabled_because: DisabledBecause | None = None
    enabled_at: datetime | None = None

    @classmethod
    def open(
        cls,
        *,
        id: UUID,
        person_id: UUID,
        username: str,
        password_hash: str,
        must_change_password: bool,
        request_id: UUID,
        now: datetime,
    ) -> Self:
        return cls(
            id=id,
            person_id=person_id,
            username=username,
            password_hash=password_hash,
            password_set_at=now,
            set_by_request=request_id,
            must_change_password=must_change_password,
        )

    def set_password(self, password_hash: str, *, request_id: UUID, now: datetime) -> None:
        """Replace the password; the person chose it, so it need not be changed again."""
        self.password_hash, self.password_set_at = password_hash, now
        self.set_by_request, self.must_change_password = request_id, False

    def disable(self, because: DisabledBecause, now: datetime) -> None:
        """Nobody can sign in with it from now on."""
        if self.disabled_at is not None:
            raise Conflict("account_disabled_already", "personId")
        self.disabled_at, self.disabled_because = now, because

    def enable(self, now: datetime) -> None:
        """Let the account be used again; it counts as not idle before now."""
        if self.disabled_at is None:
            raise Conflict("account_not_disabled", "personId")
        self.disabled_at, self.disabled_because, self.enabled_at = None, None, now

    def rehash(self, password_hash: str) -> None:
        """The same password under newer parameters."""
        self.password_hash = password_hash


@dataclass(frozen=True, kw_only=True)
class IdleRule:
    """After how many days without a sign-in an account is disabled."""

    idle_days: int
    basis: str

    def counts_from(self, now: datetime) -> datetime:
        """What was last used before this moment is out of use."""
        return now - timedelta(days=self.idle_days)
