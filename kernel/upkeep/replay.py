"""Taking events again: projections are built anew, and what a reaction never saw is offered to it.

No effect is repeated: what its inbox knows is not offered. Reactions with effects (a notice, a
nonconformity) are offered nothing at all unless the operator names that: an inbox that lost rows no
longer knows which effects there were.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kernel.base.errors import Unavailable
from kernel.bus.incoming import parse_event
from kernel.bus.logs import Logs, by_source
from kernel.data import inbox
from kernel.upkeep.projections import compare, mend, note, projecting
from kernel.work.context import ProcessContext
from kernel.work.handling import react
from kernel.work.operations import Subscribed


@dataclass(frozen=True, kw_only=True)
class Order:
    """From where on to take events again; `only` names one reaction, `effects` allows those that have any."""

    who: str
    sequence: int = 0
    only: str | None = None
    effects: bool = False
    dry: bool = True
    patience: float = 5.0
    reason: str | None = None


@dataclass(kw_only=True)
class Outcome:
    """What was done, or would be: rows put right, events claimed, offered, withheld and failed."""

    rows: int = 0
    derived: list[str] = field(default_factory=list)
    claimed: dict[str, int] = field(default_factory=dict)
    offered: dict[str, int] = field(default_factory=dict)
    withheld: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def replay(means: ProcessContext, service: Any, order: Order) -> Outcome:
    """Carry the order out, or with `dry` say what it would do."""
    outcome = Outcome()
    if order.only is None or order.only in projecting(service):
        _rebuild(means, service, order, outcome)
    _Offering(means, service, order, outcome).offer_all()
    did_something = outcome.derived or outcome.claimed or outcome.offered
    if did_something and not order.dry:
        facts = {"from": order.sequence, "claimed": outcome.claimed, "offered": outcome.offered}
        note(means, "replay", order.who, order.reason, facts | {"derived": outcome.derived})
    return outcome


def _rebuild(means: ProcessContext, service: Any, order: Order, outcome: Outcome) -> None:
    """From the whole log, wherever the order begins: half of a log makes half a truth."""
    if order.dry:
        outcome.rows = len(compare(means, service, order.patience)[1])
    else:
        outcome.rows = mend(means, service, order.patience, order.who, order.reason)
    for each in service.derived:
        with means.database.sessions() as session:
            if next(iter(each.differences(session)), None) is None:
                continue
            outcome.derived.append(each.name)
            if not order.dry:
                each.rebuild(session)
                session.commit()


class _Offering:
    """Events offered to the reactions that never had them, as if they came now."""

    def __init__(self, means: ProcessContext, service: Any, order: Order, outcome: Outcome) -> None:
        self.means, self.service, self.order, self.outcome = means, service, order, outcome
        self.reactions, self.projecting = service.heard(), projecting(service)

    def offer_all(self) -> None:
        with Logs(self.means) as logs:
            for source, topics in by_source(self.reactions).items():
                for stretch in logs.after(source, self.order.sequence, topics):
                    self._offer(stretch.messages)

    def _offer(self, messages: list[dict[str, Any]]) -> None:
        by_topic: dict[str, dict[UUID, Any]] = {}
        for message in messages:
            envelope = message["envelope"]
            by_topic.setdefault(envelope["topic"], {})[UUID(envelope["message_id"])] = message
        for topic, found in by_topic.items():
            for each in self.reactions[topic]:
                if self.order.only in (None, each.name):
                    for message_id in self._unseen(each.name, list(found)):
                        self._give(each, found[message_id])

    def _give(self, reaction: Subscribed, message: Any) -> None:
        """One event to one reaction; a failure is reported and holds up no other."""
        name, is_pure = reaction.name, reaction.name in self.projecting
        if not is_pure and not self.order.effects:
            _count(self.outcome.withheld, name)
            return
        envelope, event = parse_event(message, message["envelope"]["topic"])
        try:
            if self.order.dry or react(self.means, name, reaction.handler, envelope, event):
                _count(self.outcome.claimed if is_pure else self.outcome.offered, name)
        except Unavailable:
            raise
        except Exception as error:
            self.outcome.failed[f"{name} {envelope.message_id}"] = f"{type(error).__name__}: {error}"

    def _unseen(self, name: str, ids: list[UUID]) -> list[UUID]:
        """In the order of the log."""
        with self.means.database.sessions() as session:
            unseen = inbox.unseen(session, name, ids)
        return [each for each in ids if each in unseen]


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
