"""eISO's own processes: databases at their head, processes ready, nothing stuck."""

from collections.abc import Iterator

import psycopg

from deploy.platform.answering import process_answers
from deploy.platform.names import ROOT, SERVICES
from deploy.platform.platform import Platform
from ops import queues
from ops.doctor.finding import Finding, well, wrong

OLDEST_EVENT_SECONDS = 60


def findings(platform: Platform) -> Iterator[Finding]:
    """Asked only where the servers answer."""
    behind = [service for service in SERVICES if not _is_at_head(platform, service)]
    if behind:
        yield wrong("ops_migrations_behind", services=", ".join(behind), instance=platform.name)
        return
    yield well("ops_migrations")
    yield _processes(platform)
    yield from _events(platform)
    yield from _parked(platform)


def _is_at_head(platform: Platform, service: str) -> bool:
    head = (ROOT / "services" / service / "migrations/HEAD").read_text().strip()
    return bool(_ask(platform, service, "select version_num from alembic_version") == head)


def _ask(platform: Platform, service: str, question: str) -> object:
    """One value, read as the operators' read-only role; None where there is no such table."""
    try:
        with psycopg.connect(platform.postgres_url("ops", service), connect_timeout=5) as database:
            row = database.execute(question.encode()).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return row[0] if row else None


def _processes(platform: Platform) -> Finding:
    addresses = platform.ready_addresses
    waiting = [name for name, address in addresses.items() if not process_answers(address)]
    if waiting:
        return wrong("ops_processes_not_ready", processes=", ".join(waiting))
    return well("ops_processes", count=str(len(addresses)))


def _events(platform: Platform) -> Iterator[Finding]:
    """Committed events that nobody has carried away: the relay stands, or the broker blocks it."""
    question = (
        "select extract(epoch from now() - min(recorded_at))::int from outbox "
        "where published_at is null and recorded_at > now() - interval '40 days'"
    )
    for service in SERVICES:
        oldest = _ask(platform, service, question)
        if isinstance(oldest, int) and oldest > OLDEST_EVENT_SECONDS:
            yield wrong("ops_events_stuck", service=service, seconds=str(oldest))


def _parked(platform: Platform) -> Iterator[Finding]:
    for queue in queues.look(platform):
        if queue.is_parked and queue.messages:
            yield wrong("ops_messages_parked", queue=queue.name, count=str(queue.messages))
