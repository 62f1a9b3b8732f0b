"""Makes the daily digests: one for each person and working day, of what is new and unread.

A notice lays down in the person's head that somebody waits; a digest covers all numbers up to the last one
and takes the mark away, in the transaction that queues its e-mail. Heads are locked meanwhile, and left out
by any other sweep: so none is reported twice, and a notice posted at the same time waits for the next day.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, exists, func, insert, select, update

from contracts.notify.deliveries import DeliveryState
from kernel.base import wire
from kernel.base.ids import new_id
from kernel.life.crash import crash_point
from kernel.work.call import Call
from services.notify.deliveries.tables import deliveries
from services.notify.digests.calendars import is_worked
from services.notify.digests.domain import Due, due
from services.notify.digests.tables import digests
from services.notify.learnt.tables import people, positions
from services.notify.notices.audience import held_on
from services.notify.notices.domain import Channel
from services.notify.notices.tables import notice_heads, notices
from services.notify.resources import Resources

BATCH = 100
WAITING = (DeliveryState.QUEUED, DeliveryState.RETRYING)


def make_digests(call: Call) -> int:
    """The next batch of today's digests once their hour has come; how many people were looked at."""
    resources: Resources = call.resources
    today = due(call.now(), resources.digests, is_worked)
    if today is None or _is_mail_behind(call):
        return 0
    person_ids = call.session.scalars(waiting_for(today)).all()
    if person_ids:
        _write(call, today, call.session.execute(worth_a_digest(today, person_ids)).all())
        _cover(call, person_ids)
        crash_point("digest.before_commit")
    return len(person_ids)


def _is_mail_behind(call: Call) -> bool:
    """Digests are made no faster than mail goes out: a letter that is urgent must not queue behind them."""
    ready = (
        select(deliveries.c.id)
        .where(deliveries.c.state.in_(WAITING), deliveries.c.next_attempt_at <= call.real_now())
        .limit(BATCH)
    )
    return (call.session.scalar(select(func.count()).select_from(ready.subquery())) or 0) >= BATCH


def waiting_for(today: Due) -> Select[tuple[UUID]]:
    """The people for whom something waits since before today's hour; reads nobody else, and locks them."""
    head = notice_heads.c
    # A clock that was set back finds people who have this day's digest already.
    has_one = exists().where(digests.c.person_id == head.person_id, digests.c.day == today.day)
    return (
        select(head.person_id)
        .where(head.waiting_since < today.moment, ~has_one)
        .order_by(head.waiting_since)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=notice_heads)
    )


def worth_a_digest(today: Due, person_ids: Sequence[UUID]) -> Select[Any]:
    """The people among these who hold a position, have an address and something unread, with the numbers."""
    head = notice_heads.c
    is_new = notices.c.number.between(head.covered_number + 1, head.last_number)
    new = _unread(is_new, notices.c.kind.in_(today.rule.kinds))
    counted = (
        select(
            head.person_id,
            head.covered_number,
            head.last_number,
            people.c.email,
            new.label("new"),
            _unread(notices.c.number <= head.covered_number).label("before"),
        )
        .join(people, people.c.id == head.person_id)
        .where(
            head.person_id.in_(person_ids),
            people.c.email.is_not(None),
            exists().where(positions.c.person_id == head.person_id, held_on(today.day)),
        )
        .subquery()
    )
    return select(counted).where(counted.c.new > 0)


def _unread(*which: ColumnElement[bool]) -> ScalarSelect[int]:
    own = notices.c.person_id == notice_heads.c.person_id
    found = select(func.count()).where(own, notices.c.read_at.is_(None), *which)
    return found.correlate(notice_heads).scalar_subquery()


def _write(call: Call, today: Due, people: Sequence[Row[Any]]) -> None:
    """The digests with their deliveries, and one row in the trail for all of them."""
    if not people:
        return
    pairs = [(_delivery(call, each), each) for each in people]
    call.session.execute(insert(deliveries), [delivery for delivery, _ in pairs])
    rows = [_digest(call, today, each, delivery["id"]) for delivery, each in pairs]
    call.session.execute(insert(digests), rows)
    call.leave_trail(
        subject_type="Digest",
        subject_id=rows[0]["id"],
        agency_id=None,
        after={
            "day": today.day.isoformat(),
            "told": len(rows),
            "notices": sum(row["notices"] for row in rows),
        },
    )


def _delivery(call: Call, person: Row[Any]) -> dict[str, Any]:
    now = call.real_now()
    return {
        "id": new_id(),
        "notice_id": None,
        "channel": Channel.EMAIL.value,
        "address": person.email,
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "next_attempt_at": now,
        "queued_at": now,
        "trace_id": wire.trace_id(wire.new_traceparent()),
    }


def _digest(call: Call, today: Due, person: Row[Any], delivery_id: UUID) -> dict[str, Any]:
    return {
        "id": new_id(),
        "person_id": person.person_id,
        "day": today.day,
        "after_number": person.covered_number,
        "to_number": person.last_number,
        "notices": person.new,
        "unread_before": person.before,
        "made_at": call.now(),
        "delivery_id": delivery_id,
    }


def _cover(call: Call, person_ids: Sequence[UUID]) -> None:
    """Nothing waits for these people now, also for those with nothing to report."""
    covered = update(notice_heads).where(notice_heads.c.person_id.in_(person_ids))
    call.session.execute(covered.values(covered_number=notice_heads.c.last_number, waiting_since=None))
