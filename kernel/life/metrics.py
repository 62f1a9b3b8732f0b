"""What an operator can count: calls, events, queues and whatever waits, in the Prometheus format.

Labels are bounded by the code (methods, topics, queues, the catalogue's codes) or cut off (agencies): no
label ever holds what a client sent, and none a person.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LAG = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)


def _counter(name: str, said: str, *labels: str) -> Counter:
    return Counter(name, said, labels, registry=REGISTRY)


def _gauge(name: str, said: str, *labels: str) -> Gauge:
    return Gauge(name, said, labels, registry=REGISTRY)


def _histogram(name: str, said: str, *labels: str, buckets: tuple[float, ...] = BUCKETS) -> Histogram:
    return Histogram(name, said, labels, registry=REGISTRY, buckets=buckets)


# -- what is done ------------------------------------------------------------------------------------
CALLS = _histogram("eiso_call_seconds", "Calls answered, by how they ended", "method", "outcome")
REFUSED = _counter("eiso_refused_total", "Calls refused, by the code of the refusal", "method", "code")
REACTIONS = _histogram("eiso_reaction_seconds", "Events reacted to", "method", "outcome")
EVENT_LAG = _histogram(
    "eiso_event_lag_seconds", "From an event's commit to its effect", "topic", "method", buckets=_LAG
)
PARKED = _counter("eiso_parked_total", "Messages parked", "queue", "reason")
RELAYED = _counter("eiso_relayed_total", "Events the relay handed to the broker", "topic", "outcome")
SEALED = _counter("eiso_trail_sealed_total", "Trail rows sealed")
SWEPT = _counter("eiso_swept_total", "Work done by sweeps", "sweep")
TURNS = _histogram("eiso_turn_seconds", "Turns of a process's background work", "role", "outcome")
SPANS = _counter("eiso_spans_total", "Spans of traces, by what became of them", "outcome")

# -- what this process is ----------------------------------------------------------------------------
PROCESS = _gauge("eiso_process", "1 for each role this process plays", "service", "role")
POOL = _gauge("eiso_database_connections_used", "Connections in use, of those the pool may open")
POOL_SIZE = _gauge("eiso_database_connections_most", "Connections the pool may open")

# -- what waits: sampled every few seconds by the process that sweeps --------------------------------
OUTBOX_WAITING = _gauge("eiso_outbox_waiting", "Events not yet published")
OUTBOX_AGE = _gauge("eiso_outbox_oldest_seconds", "Age of the oldest event not yet published")
UNSEALED = _gauge("eiso_trail_unsealed", "Trail rows waiting for their seal")
UNSEALED_AGE = _gauge("eiso_trail_unsealed_oldest_seconds", "Age of the oldest trail row without a seal")
INBOX = _gauge("eiso_inbox_rows", "Messages remembered as having had their effect, as estimated")
JOBS = _gauge("eiso_jobs", "Jobs, by kind and state", "kind", "state")
JOB_AGE = _gauge("eiso_job_oldest_seconds", "Age of the oldest job in this state", "kind", "state")
JOB_DONE = _gauge("eiso_job_done", "Of the running jobs of a kind, what is done", "kind")
JOB_TOTAL = _gauge("eiso_job_total", "Of the running jobs of a kind, what there is to do", "kind")
BACKLOG = _gauge("eiso_backlog", "Due work that nobody has done yet", "work")
BACKLOG_AGE = _gauge("eiso_backlog_oldest_seconds", "How long the most overdue of it has been due", "work")
QUEUE = _gauge("eiso_queue_messages", "Messages ready in a queue", "queue", "kind")
QUEUE_READERS = _gauge("eiso_queue_readers", "Who reads a queue", "queue")
QUEUE_AGE = _gauge(
    "eiso_queue_not_empty_seconds",
    "How long a queue has not been seen empty: its oldest message is no older",
    "queue",
)
AGENCY = _gauge(
    "eiso_agency_figure",
    "Business figures, of the agencies with the most and of all others",
    "figure",
    "agency",
)
SAMPLED = _gauge("eiso_sampled_timestamp_seconds", "When this was last measured (Unix time)", "what")
SAMPLE_FAILED = _counter("eiso_sample_failed_total", "Measurements that failed", "what")


@contextmanager
def turn(role: str) -> Iterator[None]:
    """Time one turn of background work, and see whether it failed."""
    began, outcome = perf_counter(), "failed"
    try:
        yield
        outcome = "done"
    finally:
        TURNS.labels(role, outcome).observe(perf_counter() - began)


def fill(gauge: Gauge, rows: Iterable[tuple[tuple[str, ...], float]]) -> None:
    """Replace all of a gauge's series: what is no longer there is no longer shown."""
    gauge.clear()
    for labels, value in rows:
        gauge.labels(*labels).set(value)


def names() -> dict[str, set[str]]:
    """Every series this process may expose and its labels."""
    found: dict[str, set[str]] = {}
    for family in _families():
        labels = set(family._labelnames)
        for sample in _samples(family):
            found[sample] = labels | ({"le"} if sample.endswith("_bucket") else set())
    return found


def _families() -> list[Any]:
    collectors = REGISTRY._collector_to_names
    return [each for each in collectors if hasattr(each, "_labelnames")]


def _samples(family: Any) -> list[str]:
    name = family._name
    if isinstance(family, Histogram):
        return [f"{name}_bucket", f"{name}_sum", f"{name}_count"]
    return [f"{name}_total" if isinstance(family, Counter) else name]


def exposition() -> bytes:
    """All figures as text."""
    return generate_latest(REGISTRY)
