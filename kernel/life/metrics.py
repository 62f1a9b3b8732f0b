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


def counter(name: str, said: str, *labels: str) -> Counter:
    """One of this process's counters."""
    return Counter(name, said, labels, registry=REGISTRY)


def gauge(name: str, said: str, *labels: str) -> Gauge:
    """One of this process's gauges."""
    return Gauge(name, said, labels, registry=REGISTRY)


def histogram(name: str, said: str, *labels: str, buckets: tuple[float, ...] = BUCKETS) -> Histogram:
    """One of this process's histograms."""
    return Histogram(name, said, labels, registry=REGISTRY, buckets=buckets)


# -- what is done ------------------------------------------------------------------------------------
CALLS = histogram("eiso_call_seconds", "Calls answered, by how they ended", "method", "outcome")
REFUSED = counter("eiso_refused_total", "Calls refused, by the code of the refusal", "method", "code")
REACTIONS = histogram("eiso_reaction_seconds", "Events reacted to", "method", "outcome")
EVENT_LAG = histogram(
    "eiso_event_lag_seconds", "From an event's commit to its effect", "topic", "method", buckets=_LAG
)
PARKED = counter("eiso_parked_total", "Messages parked", "queue", "reason")
EXPIRED = counter("eiso_calls_expired_total", "Calls that nobody took before their deadline", "queue")
RELAYED = counter("eiso_relayed_total", "Events the relay handed to the broker", "topic", "outcome")
STRANGERS = counter("eiso_strangers_total", "Tokens and secrets presented that nobody was given", "kind")
SEALED = counter("eiso_trail_sealed_total", "Trail rows sealed")
SWEPT = counter("eiso_swept_total", "Work done by sweeps", "sweep")
TURNS = histogram("eiso_turn_seconds", "Turns of a process's background work", "role", "outcome")
SPANS = counter("eiso_spans_total", "Spans of traces, by what became of them", "outcome")


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
