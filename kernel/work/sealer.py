"""The sealer: chains committed trail rows per agency and month, within a second of their commit."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from kernel.data.lock import held
from kernel.data.prepared import prepared
from kernel.data.tables import trail, trail_heads, trail_pending, trail_seals
from kernel.life import metrics
from kernel.life.crash import crash_point
from kernel.trust import chain
from kernel.work.context import ProcessContext

BATCH = 500
PAUSE_SECONDS = 0.3
ANYTHING = "select exists (select from trail_pending)"
_HEAD = upsert(trail_heads)
_NEW_HEAD = prepared(
    _HEAD.on_conflict_do_update(
        index_elements=["agency_id", "month"],
        set_={"position": _HEAD.excluded.position, "hash": _HEAD.excluded.hash},
    ),
    ("agency_id", "month", "position", "hash"),
)


class Sealer:
    """One service's sealer; others of the same service stand by."""

    def __init__(self, means: ProcessContext) -> None:
        self.means = means

    def run(self, stopping: Any) -> None:
        """Seal until a signal to stop."""
        with held(self.means.database, "sealer") as connection:
            while connection is not None and not stopping.is_set():
                # Asked on the lock's own connection: when that is gone, so is the right to seal.
                is_pending = connection.execute(ANYTHING).fetchone() == (True,)
                with metrics.turn("sealer"):
                    sealed = self.turn() if is_pending else 0
                if sealed < BATCH:
                    stopping.wait(PAUSE_SECONDS)
            stopping.wait(PAUSE_SECONDS)

    def turn(self) -> int:
        """Seal one batch in one transaction; how many rows."""
        with self.means.database.sessions() as session:
            rows = _pending(session)
            chains: dict[tuple[UUID, date], list[Any]] = defaultdict(list)
            for row in rows:
                chains[row["agency_id"], chain.month_of(row["recorded_at"])].append(row)
            for (agency_id, month), members in sorted(chains.items()):
                _seal(session, agency_id, month, members)
            if rows:
                crash_point("sealer.before_commit")
            session.commit()
        if rows:
            crash_point("sealer.after_commit")
        metrics.SEALED.inc(len(rows))
        return len(rows)


def _pending(session: Session) -> list[Any]:
    oldest = (
        select(trail_pending).order_by(trail_pending.c.recorded_at, trail_pending.c.trail_id).limit(BATCH)
    ).subquery()
    rows = (
        select(trail)
        .join(oldest, (oldest.c.trail_id == trail.c.id) & (oldest.c.recorded_at == trail.c.recorded_at))
        .order_by(trail.c.recorded_at, trail.c.id)
    )
    return list(session.execute(rows).mappings().all())


def _seal(session: Session, agency_id: UUID, month: date, rows: list[Any]) -> None:
    key = {"agency_id": agency_id, "month": month}
    head = session.execute(
        select(trail_heads.c.position, trail_heads.c.hash)
        .where(trail_heads.c.agency_id == agency_id, trail_heads.c.month == month)
        .with_for_update()
    ).first()
    position, previous = (head.position, head.hash) if head else (0, chain.START)
    seals = []
    for row in rows:
        position += 1
        hash_ = chain.link(previous, row)
        seals.append(
            {
                **key,
                "position": position,
                "trail_id": row["id"],
                "recorded_at": row["recorded_at"],
                "previous_hash": previous,
                "hash": hash_,
            }
        )
        previous = hash_
    session.execute(insert(trail_seals), seals)
    session.execute(_NEW_HEAD, {**key, "position": position, "hash": previous})
    sealed = [row["id"] for row in rows]
    session.execute(delete(trail_pending).where(trail_pending.c.trail_id.in_(sealed)))
