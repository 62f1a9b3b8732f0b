"""A hand-over as each service hears of it from the directory."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from contracts.base import Envelope
from contracts.directory.events import PositionHandedOver
from kernel.data.tables import outbox
from kernel.work.handling import react


def handed_over(giver: UUID, position: UUID, **changes: Any) -> PositionHandedOver:
    """What the directory publishes of a hand-over."""
    known = {"hand_over_id": uuid4(), "agency_id": uuid4(), "giver_position_id": position, "giver_id": giver}
    people = {"receiver_position_id": uuid4(), "receiver_id": uuid4(), "gave_up_all": True}
    said = {"number": "0001/2026/BB-BG", "agency": "Sở", "note": None, "roles": (), "signatures": ()}
    names = {"giver": "A", "giver_title": "Thư ký", "receiver": "B", "receiver_title": "Chuyên viên"}
    moment = {"handed_over_at": datetime(2026, 8, 10, 2, tzinfo=UTC)}
    return PositionHandedOver(**known | people | said | names | moment | changes)


def an_envelope(event: PositionHandedOver) -> Envelope:
    now = datetime.now(UTC)
    return Envelope(
        message_id=uuid4(),
        topic=event.topic,
        sequence=1,
        aggregate_id=event.hand_over_id,
        version=1,
        occurred_at=now,
        recorded_at=now,
    )


def follow(running: Any, event: PositionHandedOver) -> None:
    """Let the running service's reaction hear it, twice as the bus may bring it."""
    service = running.kind
    reaction = service.reactions["pass_on"].handler
    envelope = an_envelope(event)
    assert react(running.means, "pass_on", reaction, envelope, event)
    assert not react(running.means, "pass_on", reaction, envelope, event)


def reported(running: Any) -> list[Any]:
    """What the service published of what passed."""
    with running.database.sessions() as session:
        wanted = select(outbox.c.event).where(outbox.c.topic.like("%.hand_over_followed.v1"))
        return list(session.scalars(wanted))
