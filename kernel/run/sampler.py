"""The sampler: looks every few seconds at what waits, so that a scrape reads figures and asks nobody."""

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

from kernel.base import clock
from kernel.bus.depths import Depths
from kernel.data import waiting
from kernel.life import process_metrics
from kernel.work.context import ProcessContext
from kernel.work.service import Service

log = logging.getLogger(__name__)

SELDOM = 60.0
"""Seconds between two counts of the business figures, which read more than an index's edge."""


class Sampler:
    """One service's; it runs where the sweeps do. Several measure the same, and any one of them is right."""

    def __init__(self, means: ProcessContext, service: type[Service]) -> None:
        self.means = means
        reactions = list(service.reactions)
        depths = Depths(means.publishers, service.name, reactions, means.settings.tiers)
        often = means.settings.sample_seconds
        seldom = max(often, SELDOM)
        self.parts: dict[str, tuple[float, Callable[[], None]]] = {
            "database": (often, partial(self._read, waiting.measure_kernel)),
            "queues": (often, depths.measure),
        }
        if service.backlogs:
            self.parts["backlogs"] = (
                often,
                partial(self._read, waiting.measure_backlogs, service.backlogs),
            )
        for name, measure in service.seldom().items():
            self.parts[name] = (seldom, partial(self._read, measure))
        self.due = dict.fromkeys(self.parts, 0.0)

    def turn(self) -> float:
        """Measure what is due, each part by itself; seconds until the next is."""
        for what, (every, measure) in self.parts.items():
            if self.due[what] <= monotonic():
                self.due[what] = monotonic() + every
                self._measure(what, measure)
        return max(0.05, min(self.due.values()) - monotonic())

    def _measure(self, what: str, measure: Callable[[], None]) -> None:
        try:
            measure()
            process_metrics.SAMPLED.labels(what).set(clock.now().timestamp())
        except Exception as error:
            # The figures stay as they were; their age is a figure too, and has an alarm.
            process_metrics.SAMPLE_FAILED.labels(what).inc()
            log.debug("%s could not be measured: %s", what, error)

    def _read(self, measure: Callable[..., None], *given: Any) -> None:
        with self.means.database.sessions() as session:
            measure(session, *given)
