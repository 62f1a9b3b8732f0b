"""Catching up: a new or restored consumer reads from the sources' event logs what never reached its queues.

Everything read is offered to the same reactions with the same claims, so reading too much costs time and
nothing else. How far each source was read is kept, and only gapless sequences make that safe. An event
whose reaction fails holds up no other: what is kept stays before it, so that the next start tries it again.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from kernel.base import clock
from kernel.base.errors import Unavailable
from kernel.bus.incoming import parse_event
from kernel.bus.logs import Logs, by_source
from kernel.data import inbox
from kernel.data.tables import catch_up
from kernel.life.crash import crash_point
from kernel.work.context import ProcessContext
from kernel.work.handling import react
from kernel.work.service import Service

log = logging.getLogger(__name__)

Unheard = Mapping[str, set[UUID]]
STRETCH = 500
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class CatchUp:
    """One consumer's catching up with all its sources."""

    def __init__(self, means: ProcessContext, service: type[Service]) -> None:
        self.means, self.reactions = means, service.heard()

    def run(self) -> int:
        """Read every source to its head; how many events had their effect only now."""
        heard = by_source(self.reactions)
        heard.pop(self.means.service, None)
        if not heard:
            return 0
        with Logs(self.means, STRETCH) as logs:
            return sum(self._follow(logs, source, topics) for source, topics in heard.items())

    def _follow(self, logs: Logs, source: str, topics: Sequence[str]) -> int:
        began = clock.now()
        effects, failed = 0, list[int]()
        for stretch in logs.after(source, self._read_so_far(source), topics):
            unheard = self._unheard(stretch.messages)
            for message in stretch.messages:
                try:
                    effects += self._offer(message, unheard)
                except Unavailable:
                    raise
                except Exception as error:
                    failed.append(message["envelope"]["sequence"])
                    log.error("event %s of %s had no effect: %s", failed[-1], source, error)
            crash_point("catch_up.before_keep")
            self._keep(source, min([stretch.read_to, *(sequence - 1 for sequence in failed)]))
        if not failed:
            self._caught_up(source, began)
        if effects or failed:
            log.info("caught up with %s: %d effects, %d failed", source, effects, len(failed))
        return effects

    def _offer(self, message: Any, unheard: Unheard) -> int:
        topic = message["envelope"]["topic"]
        mine = [each for each in self.reactions[topic] if _id_of(message) in unheard[each.name]]
        if not mine:
            return 0
        envelope, event = parse_event(message, topic)
        return sum(react(self.means, each.name, each.handler, envelope, event) for each in mine)

    def _unheard(self, messages: Sequence[Any]) -> Unheard:
        """Asked once for a whole stretch: after a restore most of a long log has been heard already."""
        by_topic: dict[str, list[UUID]] = defaultdict(list)
        for message in messages:
            by_topic[message["envelope"]["topic"]].append(_id_of(message))
        with self.means.database.sessions() as session:
            return {
                each.name: inbox.unseen(session, each.name, ids)
                for topic, ids in by_topic.items()
                for each in self.reactions[topic]
            }

    def _read_so_far(self, source: str) -> int:
        with self.means.database.sessions() as session:
            return session.scalar(select(catch_up.c.sequence).where(catch_up.c.source == source)) or 0

    def _keep(self, source: str, sequence: int) -> None:
        """Further only: what another process of this service has read behind us stays read."""
        with self.means.database.sessions() as session:
            kept = insert(catch_up).values(source=source, sequence=sequence, caught_up_at=NEVER)
            further = {"sequence": func.greatest(catch_up.c.sequence, kept.excluded.sequence)}
            session.execute(kept.on_conflict_do_update(index_elements=["source"], set_=further))
            session.commit()

    def _caught_up(self, source: str, moment: datetime) -> None:
        """Whatever reached this service before that moment is never read here again."""
        with self.means.database.sessions() as session:
            mine = update(catch_up).where(catch_up.c.source == source)
            session.execute(mine.values(caught_up_at=moment))
            session.commit()


def _id_of(message: Any) -> UUID:
    return UUID(message["envelope"]["message_id"])
