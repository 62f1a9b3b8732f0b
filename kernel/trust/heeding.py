"""Rights that ended are heeded at once, although the tokens that carry them are good for minutes more.

The directory notes an end in the transaction that makes it true, and publishes it; each service keeps what
it hears in a table of its own. Each process that answers calls holds that table in memory and reads on in it
several times a second, so that a call costs no round trip more. What cannot be read is not trusted: a process
that has not read for a while reads before it answers, and refuses where it cannot.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from sqlalchemy import Row, delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from contracts.authority import Basis, EndsAuthority
from kernel.base import clock
from kernel.base.errors import Forbidden, Unavailable
from kernel.data.database import Database
from kernel.data.tables import ended_authority
from kernel.trust.identity import LONGEST, Actor

READS_ON_SECONDS = 0.4
"""With the way over the bus, well under the two seconds within which an end is promised to be heeded."""
TRUSTED_SECONDS = 1.5
"""For how long what was read last is gone by."""
KEPT = LONGEST + timedelta(minutes=50)
"""Longer than any token lives, and the clocks of two machines may differ besides."""
_READ_SECONDS = 2.0
_READ = text("""
  select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as settled,
         e.basis, e.subject_id, e.version, e.until
    from (select 1) as once left join ended_authority e on e.noted_in >= :since and e.until > :now
""")


def note(session: Session, event: EndsAuthority, version: int, recorded_at: datetime) -> None:
    """Keep it while a token could still rely on it; heard twice or out of order it stays the same."""
    kept = insert(ended_authority).values(
        basis=event.basis.value, subject_id=event.subject_id, version=version, until=recorded_at + KEPT
    )
    noted, known = kept.excluded, ended_authority.c
    latest = {
        "version": func.greatest(known.version, noted.version),
        "until": func.greatest(known.until, noted.until),
        "noted_in": text("pg_current_xact_id()::text::bigint"),
    }
    session.execute(kept.on_conflict_do_update(index_elements=["basis", "subject_id"], set_=latest))


def forget(session: Session) -> int:
    """Let go of what no token can rely on any more."""
    old = delete(ended_authority).where(ended_authority.c.until < clock.now())
    return session.execute(old).rowcount  # type: ignore[attr-defined, no-any-return]


class Heeding:
    """What has ended, as one process knows it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._ended: dict[tuple[Basis, UUID], tuple[int, datetime]] = {}
        self._settled = 0
        self._read_at = float("-inf")

    def check(self, actor: Actor) -> None:
        """Refuse an actor whose token relies on what has ended, as one refuses a token that ran out."""
        if not actor.relies_on:
            return
        if monotonic() - self._read_at > TRUSTED_SECONDS:
            self.read_on()
        for basis, subject_id, version in actor.relies_on:
            ended = self._ended.get((basis, subject_id))
            if ended is not None and version < ended[0]:
                raise Forbidden("not_signed_in")

    def read_on(self) -> None:
        """Read what was noted since; also by transactions that were open when it was read last."""
        began = monotonic()
        try:
            with self.database.questions(_READ_SECONDS) as session:
                rows = session.execute(_READ, {"since": self._settled, "now": clock.now()}).all()
        except SQLAlchemyError as error:
            raise Unavailable("database_unavailable") from error
        self._take(rows)
        self._settled = max(self._settled, rows[0].settled)
        self._read_at = max(self._read_at, began)

    def _take(self, rows: Iterable[Row[tuple[object, ...]]]) -> None:
        for row in rows:
            if row.basis is not None:
                self._ended[Basis(row.basis), row.subject_id] = (row.version, row.until)
        now = clock.now()
        for key in [key for key, (_, until) in self._ended.items() if until < now]:
            del self._ended[key]
