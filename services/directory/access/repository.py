"""Loads accounts and sessions for writing, and ends sessions."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.orm import Session

from contracts.authority import Basis
from contracts.directory.events import AuthorityEnded
from kernel.work.outbox import NewEvent
from kernel.work.unit_of_work import track, work_of
from services.directory.access import tables as access_tables
from services.directory.access.domain.account import Account
from services.directory.access.domain.session import Ended, RefreshToken, SessionFamily


class AccountRepository:
    """Accounts."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, account: Account) -> None:
        self.session.add(account)
        track(self.session, account, is_new=True)

    def called(self, username: str, *, lock: bool = False) -> Account | None:
        """Locked: one who disables it meanwhile waits, and then ends the sessions begun until then."""
        return self._one(access_tables.accounts.c.username == username, lock=lock)

    def password_of(self, username: str) -> Row[tuple[UUID, str]] | None:
        """Id and hash of the account, to be tried; not yet to be changed."""
        known = access_tables.accounts.c
        wanted = select(known.id, known.password_hash).where(known.username == username)
        return self.session.execute(wanted).one_or_none()

    def of(self, person_id: UUID, *, lock: bool = False) -> Account | None:
        return self._one(access_tables.accounts.c.person_id == person_id, lock=lock)

    def _one(self, condition: ColumnElement[bool], *, lock: bool) -> Account | None:
        wanted = select(Account).where(condition)
        if lock:
            wanted = wanted.with_for_update().execution_options(populate_existing=True)
        account = self.session.scalar(wanted)
        if account is not None:
            track(self.session, account)
        return account


class SessionRepository:
    """Sessions and their refresh tokens."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, family: SessionFamily, token: RefreshToken) -> None:
        self.session.add(family)
        self.session.flush()
        self.session.add(token)

    def add_token(self, token: RefreshToken) -> None:
        self.session.add(token)

    def token(self, digest: bytes | None) -> RefreshToken | None:
        return self.session.get(RefreshToken, digest) if digest else None

    def locked(self, digest: bytes) -> tuple[SessionFamily, RefreshToken] | None:
        """The token and its session, which nobody else renews until the transaction ends."""
        tokens = access_tables.refresh_tokens.c
        family_id = self.session.scalar(select(tokens.family_id).where(tokens.digest == digest))
        if family_id is None:
            return None
        family = self.session.get(SessionFamily, family_id, with_for_update=True)
        token = self.session.get(RefreshToken, digest, populate_existing=True)
        return (family, token) if family and token else None

    def end(self, family: SessionFamily, because: Ended, now: datetime) -> None:
        """End one that is locked, and what was granted to it."""
        family.end(because, now)
        publish_ended(self.session, [family.id])

    def end_all_of(self, account_id: UUID, because: Ended, now: datetime) -> None:
        """End every open session of the account, and what was granted to them."""
        # What was changed in the account is written first: a sign-in at the same time waits for that, or is
        # seen here.
        self.session.flush()
        families = access_tables.session_families
        ended = (
            update(families)
            .where(families.c.account_id == account_id, families.c.ended_at.is_(None))
            .values(ended_at=now, ended_because=because)
            .returning(families.c.id, families.c.ends_at)
        )
        publish_ended(self.session, [row.id for row in self.session.execute(ended) if row.ends_at > now])


def publish_ended(session: Session, family_ids: Iterable[UUID]) -> None:
    """Publish that sessions ended, so that what was granted to them opens nothing any more, anywhere."""
    for each in family_ids:
        ended = AuthorityEnded(basis=Basis.SESSION, subject_id=each)
        work_of(session).new_events.append(NewEvent(aggregate_id=each, version=1, event=ended))


def forget_sessions(session: Session, before: datetime, limit: int) -> int:
    """Delete sessions, with their tokens, that could be used until `before` at the latest."""
    families = access_tables.session_families
    old = (
        select(families.c.id)
        .where(families.c.ends_at < before)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = families.delete().where(families.c.id.in_(old)).returning(families.c.id)
    return len(session.scalars(gone).all())
