"""What waits in a service's database, counted for whoever watches over it, by indexes alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import clock
from kernel.life import figures, metrics

MOST_AGENCIES = 20
OTHERS = "other"
PATIENCE = text("set local statement_timeout = '3s'")

_OUTBOX = text("""
  select count(*), min(recorded_at) from (
    select recorded_at from outbox where sequence is null
    union all
    select recorded_at from outbox where published_at is null and sequence is not null
  ) as waiting
""")
_UNSEALED = text("select count(*), min(recorded_at) from trail_pending")
_INBOX = text("select greatest(reltuples, 0) from pg_class where oid = 'inbox'::regclass")
_JOBS = text("""
  select kind, state, count(*), min(created_at), coalesce(sum(done), 0), coalesce(sum(total), 0)
    from jobs where state in ('queued', 'running') group by kind, state
""")
_CODES = text("select id, code from agency_nodes where id = any(:ids)")


def measure_kernel(session: Session) -> None:
    """Events, trail rows and jobs, as every service has them."""
    session.execute(PATIENCE)
    _show(session.execute(_OUTBOX).one(), figures.OUTBOX_WAITING, figures.OUTBOX_AGE)
    _show(session.execute(_UNSEALED).one(), figures.UNSEALED, figures.UNSEALED_AGE)
    figures.INBOX.set(session.execute(_INBOX).scalar_one())
    _measure_jobs(session.execute(_JOBS).all())


def measure_backlogs(session: Session, backlogs: Iterable[Any]) -> None:
    """The service's own work that is due and not done."""
    session.execute(PATIENCE)
    for each in backlogs:
        now = clock.business_now() if each.in_business_time else clock.now()
        row = session.execute(text(each.due), {"now": now}).one()
        counted, aged = figures.BACKLOG.labels(each.name), figures.BACKLOG_AGE.labels(each.name)
        _show(row, counted, aged, now)


def measure_agencies(session: Session, wanted: Iterable[Any]) -> None:
    """Business figures of the agencies with the most; the rest stand together, so that labels stay few."""
    session.execute(PATIENCE)
    rows: list[tuple[tuple[str, ...], float]] = []
    for each in wanted:
        counted = sorted(session.execute(text(each.counted)).all(), key=lambda row: (-row[1], str(row[0])))
        most, others = counted[:MOST_AGENCIES], sum(row[1] for row in counted[MOST_AGENCIES:])
        codes = {row.id: row.code for row in session.execute(_CODES, {"ids": [row[0] for row in most]})}
        # An agency the directory has not told of yet has no code: its figure counts among the others.
        others += sum(row[1] for row in most if row[0] not in codes)
        rows += [((each.name, codes[row[0]]), row[1]) for row in most if row[0] in codes]
        rows.append(((each.name, OTHERS), others))
    metrics.fill(figures.AGENCY, rows)


def _measure_jobs(rows: Iterable[Any]) -> None:
    found = list(rows)
    now = clock.now()
    metrics.fill(figures.JOBS, [((kind, state), count) for kind, state, count, *_ in found])
    metrics.fill(figures.JOB_AGE, [((r[0], r[1]), (now - r[3]).total_seconds()) for r in found])
    running = [row for row in found if row[1] == "running"]
    metrics.fill(figures.JOB_DONE, [((row[0],), row[4]) for row in running])
    metrics.fill(figures.JOB_TOTAL, [((row[0],), row[5]) for row in running])


def _show(row: Any, count: Any, age: Any, now: datetime | None = None) -> None:
    waiting, oldest = row
    count.set(waiting)
    age.set(max(0.0, ((now or clock.now()) - oldest).total_seconds()) if oldest else 0)
