"""How much waits in a service's own queues, asked with passive declarations: the broker needs no plugin.

Calls that expired wait for nobody: they are counted and let go of.
"""

from collections.abc import Iterable
from contextlib import suppress
from time import monotonic

from amqp.exceptions import NotFound

from kernel.bus import names
from kernel.bus.publisher import PublisherPool
from kernel.life import metrics, process_metrics

READY, RETRY, PARKED = "ready", "retry", "parked"


class Depths:
    """A service's queue of calls and those of its reactions, each with its retries and what is parked."""

    def __init__(
        self, publishers: PublisherPool, service: str, reactions: Iterable[str], tiers: Iterable[float]
    ) -> None:
        self.publishers = publishers
        queues = [f"sub-{service}.{name}" for name in sorted(reactions)]
        pauses = list(tiers)
        self.retries = {
            queue: [names.retry_queue(service, queue, seconds).name for seconds in pauses] for queue in queues
        } | {f"rpc-{service}": []}
        self.calls = f"rpc-{service}"
        self.not_empty_since: dict[str, float] = {}

    def measure(self) -> None:
        """Look at every queue once; one that is not there yet ends the look, and is tried again."""
        messages: list[tuple[tuple[str, ...], float]] = []
        readers: list[tuple[tuple[str, ...], float]] = []
        with self.publishers.borrow() as publisher:
            for queue, retries in self.retries.items():
                ready, reading = _look(publisher.channel, queue)
                resting = sum(_look(publisher.channel, name)[0] for name in retries)
                parked, _ = _look(publisher.channel, f"{queue}.parked")
                messages += [((queue, READY), ready), ((queue, RETRY), resting), ((queue, PARKED), parked)]
                readers.append(((queue,), reading))
                self._age(queue, ready)
        metrics.fill(process_metrics.QUEUE, messages)
        metrics.fill(process_metrics.QUEUE_READERS, readers)
        ages = {queue: monotonic() - since for queue, since in self.not_empty_since.items()}
        metrics.fill(process_metrics.QUEUE_AGE, [((queue,), ages.get(queue, 0)) for queue in self.retries])

        self._count_expired()

    def _count_expired(self) -> None:
        """Each call is counted by who takes it away, so that several processes count it once. Where no
        process of this release has yet read calls, there is no such queue."""
        with suppress(NotFound), self.publishers.borrow() as publisher:
            metrics.EXPIRED.labels(self.calls).inc(publisher.channel.queue_purge(f"{self.calls}.expired"))

    def _age(self, queue: str, ready: int) -> None:
        if ready:
            self.not_empty_since.setdefault(queue, monotonic())
        else:
            self.not_empty_since.pop(queue, None)


def _look(channel: object, queue: str) -> tuple[int, int]:
    found = channel.queue_declare(queue, passive=True)  # type: ignore[attr-defined]
    return found.message_count, found.consumer_count
