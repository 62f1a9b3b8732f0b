"""What waits in a service's database, counted for the metrics, by indexes alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.base import clock
from kernel.life import metrics, process_metrics

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


def measure_kernel(session: Session) -> None:
    """Events, trail rows and jobs, as every service has them."""
    session.execute(PATIENCE)
    _show(session.execute(_OUTBOX).one(), process_metrics.OUTBOX_WAITING, process_metrics.OUTBOX_AGE)
    _show(session.execute(_UNSEALED).one(), process_metrics.UNSEALED, process_metrics.UNSEALED_AGE)
    process_metrics.INBOX.set(session.execute(_INBOX).scalar_one())
    _measure_jobs(session.execute(_JOBS).all())


def measure_backlogs(session: Session, backlogs: Iterable[Any]) -> None:
    """The service's own work that is due and not done."""
    session.execute(PATIENCE)
    for each in backlogs:
        now = clock.business_now() if each.in_business_time else clock.now()
        row = session.execute(text(each.due), {"now": now}).one()
        counted, aged = (
            process_metrics.BACKLOG.labels(each.name),
            process_metrics.BACKLOG_AGE.labels(each.name),
        )
        _show(row, counted, aged, now)


def _measure_jobs(rows: Iterable[Any]) -> None:
    found = list(rows)
    now = clock.now()
    metrics.fill(process_metrics.JOBS, [((kind, state), count) for kind, state, count, *_ in found])
    metrics.fill(process_metrics.JOB_AGE, [((r[0], r[1]), (now - r[3]).total_seconds()) for r in found])
    running = [row for row in found if row[1] == "running"]
    metrics.fill(process_metrics.JOB_DONE, [((row[0],), row[4]) for row in running])
    metrics.fill(process_metrics.JOB_TOTAL, [((row[0],), row[5]) for row in running])


def _show(row: Any, count: Any, age: Any, now: datetime | None = None) -> None:
    waiting, oldest = row
    count.set(waiting)
    age.set(max(0.0, ((now or clock.now()) - oldest).total_seconds()) if oldest else 0)
