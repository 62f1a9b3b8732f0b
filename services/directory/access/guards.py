"""What is counted of wrong tries at signing in, by key; and how much of it is kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.access.domain.lockout import SignInGuard, key_of_device, key_of_own
from services.directory.access.tables import known_devices, sign_in_guards

GUARDS = sign_in_guards.c


class Guards:
    """Counts, to be read or held."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def of(self, keys: Iterable[str]) -> Sequence[SignInGuard]:
        """The guards that there are, as they stand now."""
        wanted = select(SignInGuard).where(GUARDS.username.in_(list(keys)))
        return self.session.scalars(wanted.execution_options(populate_existing=True)).all()

    def held(self, keys: Iterable[str], *, make: bool) -> Sequence[SignInGuard]:
        """Lock the guards until the transaction ends; `make`: also those that there are not yet.

        Always in one order: two who hold the same in another one would wait for each other.
        """
        ordered = sorted(keys)
        if make:
            claim = insert(sign_in_guards).values([{"username": key, "wrong_tries": 0} for key in ordered])
            # An update that changes nothing: it locks the row that is there already.
            same = {"username": claim.excluded.username}
            self.session.execute(claim.on_conflict_do_update(index_elements=["username"], set_=same))
        wanted = select(SignInGuard).where(GUARDS.username.in_(ordered)).order_by(GUARDS.username)
        locked = wanted.with_for_update().execution_options(populate_existing=True)
        return self.session.scalars(locked).all()

    def latest_lock(self, username: str, now: datetime) -> datetime | None:
        """Until when strangers cannot sign in under the name, from somewhere or from everywhere."""
        until = func.max(GUARDS.locked_until)
        mine = select(until).where(_of_name(username), GUARDS.locked_until > now)
        found: datetime | None = self.session.scalar(mine)
        return found

    def forget(self, username: str, account_id: UUID) -> int:
        """Forget every wrong try at the name, wherever it came from."""
        mine = known_devices.c.account_id == account_id
        devices = self.session.scalars(select(known_devices.c.digest).where(mine))
        own = GUARDS.username.in_([key_of_own(account_id), *map(key_of_device, devices)])
        gone = delete(sign_in_guards).where(or_(_of_name(username), own)).returning(GUARDS.username)
        return len(self.session.scalars(gone).all())


def _of_name(username: str) -> ColumnElement[bool]:
    at = func.starts_with(GUARDS.username, "at ") & (func.split_part(GUARDS.username, " ", 3) == username)
    return or_(GUARDS.username == username, at)


def forget_guards(session: Session, before: datetime, most: int, limit: int) -> int:
    """Delete those without a wrong try since `before`, and the oldest beyond `most`."""
    old = select(GUARDS.username).where(or_(GUARDS.last_wrong_at.is_(None), GUARDS.last_wrong_at <= before))
    beyond = select(GUARDS.username).order_by(GUARDS.last_wrong_at.desc().nulls_last()).offset(most)
    gone = 0
    for which in (old, beyond):
        few = which.limit(limit).with_for_update(skip_locked=True)
        found = delete(sign_in_guards).where(GUARDS.username.in_(few)).returning(GUARDS.username)
        gone += len(session.scalars(found).all())
    return gone
