"""Devices from which somebody signed in, known by a token of which the hash is kept. They open nothing."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.access.domain.lockout import LockOuts
from services.directory.access.tables import known_devices

DEVICES = known_devices.c


class Devices:
    """The devices of accounts, a few each."""

    def __init__(self, session: Session, rules: LockOuts) -> None:
        self.session, self.rules = session, rules

    def is_known(self, digest: bytes, account_id: UUID, now: datetime) -> bool:
        """Whether somebody signed in to this very account with the token, not too long ago."""
        since = now - timedelta(days=self.rules.device_days)
        mine = exists().where(
            DEVICES.digest == digest, DEVICES.account_id == account_id, DEVICES.used_at > since
        )
        return bool(self.session.scalar(select(mine)))

    def remember(self, digest: bytes, account_id: UUID, now: datetime) -> None:
        """Keep a device that signed in; of more than an account may have, those used longest ago go."""
        seen = insert(known_devices).values(
            digest=digest, account_id=account_id, known_since=now, used_at=now
        )
        used = {"used_at": seen.excluded.used_at}
        self.session.execute(seen.on_conflict_do_update(index_elements=["digest"], set_=used))
        mine = DEVICES.account_id == account_id
        newest = select(DEVICES.digest).where(mine).order_by(DEVICES.used_at.desc())
        beyond = newest.offset(self.rules.most_devices)
        self.session.execute(delete(known_devices).where(mine, DEVICES.digest.in_(beyond)))


def forget_devices(session: Session, before: datetime, limit: int) -> int:
    """Delete those that nobody signed in from since."""
    old = select(DEVICES.digest).where(DEVICES.used_at <= before).limit(limit)
    gone = delete(known_devices).where(DEVICES.digest.in_(old)).returning(DEVICES.digest)
    return len(session.scalars(gone).all())
