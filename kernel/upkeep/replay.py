"""Taking events again: projections are built anew, and what a reaction never saw is offered to it.

No effect is repeated: what its inbox knows is not offered. Reactions with effects (a notice, a
nonconformity) are offered nothing at all unless the operator names that: an inbox that lost rows no
longer knows which effects there were.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from contracts.base import source_of
from kernel.bus.catchup import reactions_of
from kernel.bus.incoming import parse_event
from kernel.data import inbox
from kernel.errors import Unavailable
from kernel.handling import react
from kernel.means import Means
from kernel.upkeep.logs import Logs
from kernel.upkeep.projections import compare, mend, note


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


def replay(means: Means, service: Any, order: Order) -> Outcome:
    """Carry the order out, or with `dry` say what it would do."""
    outcome = Outcome()
    projecting = {name for each in service.projections for name in each.reactions}
    if order.only is None or order.only in projecting:
        _rebuild(means, service, order, outcome)
    _offer_all(means, service, order, projecting, outcome)
    did_something = outcome.derived or outcome.claimed or outcome.offered
    if did_something and not order.dry:
        facts = {"from": order.sequence, "claimed": outcome.claimed, "offered": outcome.offered}
        note(means, "replay", order.who, order.reason, facts | {"derived": outcome.derived})
    return outcome


def _rebuild(means: Means, service: Any, order: Order, outcome: Outcome) -> None:
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


def _offer_all(means: Means, service: Any, order: Order, projecting: set[str], outcome: Outcome) -> None:
    reactions = reactions_of(type(service))
    with Logs(means) as logs:
        for source in sorted({source_of(topic) for topic in reactions}):
            topics = [topic for topic in reactions if source_of(topic) == source]
            for stretch in logs.after(source, order.sequence, topics):
                _offer(means, service, order, projecting, outcome, stretch.messages)


def _offer(
    means: Means,
    service: Any,
    order: Order,
    projecting: set[str],
    outcome: Outcome,
    messages: list[dict[str, Any]],
) -> None:
    reactions = reactions_of(type(service))
    by_topic: dict[str, dict[UUID, Any]] = {}
    for message in messages:
        envelope = message["envelope"]
        by_topic.setdefault(envelope["topic"], {})[UUID(envelope["message_id"])] = message
    for topic, found in by_topic.items():
        for name, handler in reactions[topic]:
            if order.only not in (None, name):
                continue
            for message_id in _unseen(means, name, list(found)):
                if name not in projecting and not order.effects:
                    _count(outcome.withheld, name)
                    continue
                counts = outcome.claimed if name in projecting else outcome.offered
                _give(means, partial(handler, service), name, found[message_id], order, outcome, counts)


def _give(
    means: Means,
    handler: Any,
    name: str,
    message: Any,
    order: Order,
    outcome: Outcome,
    counts: dict[str, int],
) -> None:
    """One event to one reaction, as if it came now; a failure is told and holds up no other."""
    envelope, event = parse_event(message, message["envelope"]["topic"])
    try:
        if order.dry or react(means, name, handler, envelope, event):
            _count(counts, name)
    except Unavailable:
        raise
    except Exception as error:
        outcome.failed[f"{name} {envelope.message_id}"] = f"{type(error).__name__}: {error}"


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1


def _unseen(means: Means, name: str, ids: list[UUID]) -> list[UUID]:
    """In the order of the log."""
    with means.database.sessions() as session:
        unseen = inbox.unseen(session, name, ids)
    return [each for each in ids if each in unseen]
