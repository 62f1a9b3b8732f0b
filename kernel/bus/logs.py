"""Reading the event logs that a service hears, its own among them, from any point to their head."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from contracts.base import EventLog, EventsAfter, source_of
from kernel.bus.client import Asking
from kernel.work import outbox
from kernel.work.context import ProcessContext

STRETCH = 1000


def by_source(topics: Iterable[str]) -> dict[str, list[str]]:
    """Which log each topic stands in, the logs in the order of their names."""
    found: dict[str, list[str]] = defaultdict(list)
    for topic in topics:
        found[source_of(topic)].append(topic)
    return dict(sorted(found.items()))


class Logs:
    """One reading of the logs, `limit` events at a time; use as a context manager."""

    def __init__(self, means: ProcessContext, limit: int = STRETCH) -> None:
        self.means, self.limit = means, limit
        service = means.service
        self.asking = Asking(means.settings.amqp_uri, service, means.publishers, service)

    def __enter__(self) -> "Logs":
        self.asking.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.asking.__exit__(*error)

    def after(self, source: str, sequence: int, topics: Sequence[str]) -> Iterator[EventLog]:
        """Stretch after stretch up to the head; `Unavailable` when the source does not answer."""
        while True:
            question = EventsAfter(sequence=sequence, topics=list(topics), limit=self.limit)
            stretch = self._ask(source, question)
            yield stretch
            if stretch.read_to >= stretch.head or stretch.read_to == sequence:
                return
            sequence = stretch.read_to

    def _ask(self, source: str, question: EventsAfter) -> EventLog:
        if source != self.means.service:
            return self.asking.ask(f"{source}.events_after", question, EventLog)
        with self.means.database.sessions() as session:
            return outbox.events_after(session, question)
