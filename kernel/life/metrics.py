"""What an operator can count: calls, events, relays and queues, in the Prometheus format."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

CALLS = Histogram(
    "eiso_call_seconds",
    "Calls answered",
    ["method", "outcome"],
    registry=REGISTRY,
    buckets=_BUCKETS,
)
REACTIONS = Histogram(
    "eiso_reaction_seconds",
    "Events reacted to",
    ["method", "outcome"],
    registry=REGISTRY,
    buckets=_BUCKETS,
)
PARKED = Counter("eiso_parked_total", "Messages parked", ["queue", "reason"], registry=REGISTRY)
RELAYED = Counter("eiso_relayed_total", "Events published", ["outcome"], registry=REGISTRY)
OUTBOX_WAITING = Gauge("eiso_outbox_waiting", "Events not yet published", registry=REGISTRY)
SEALED = Counter("eiso_trail_sealed_total", "Trail rows sealed", registry=REGISTRY)
SWEPT = Counter("eiso_swept_total", "Work done by sweeps", ["sweep"], registry=REGISTRY)


def exposition() -> bytes:
    """All figures as text."""
    return generate_latest(REGISTRY)
