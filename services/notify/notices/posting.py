"""Posts notices: numbers them per person without a gap, queues the e-mails, publishes each as an event.

A person's head row stays locked until the transaction ends, so number n+1 is never seen before number n
and a client that resumes after n misses nothing. The number of statements does not grow with the audience.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from contracts.messages import Text
from contracts.notify.deliveries import DeliveryState
from contracts.notify.events import NoticePosted
from kernel.base.ids import new_id
from kernel.life import traces
from kernel.work.call import Reaction
from services.notify.deliveries.tables import deliveries
from services.notify.learnt.tables import people
from services.notify.notices.domain import Channel
from services.notify.notices.tables import notice_heads, notices


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One notice as everybody it concerns will read it."""

    kind: str
    subject: Text
    body: Text
    about_id: UUID
    about_type: str
    channels: tuple[Channel, ...]
    addresses: tuple[str, ...] = ()
    """Where letters of it go, in place of the addresses its readers have by now."""


def post(call: Reaction, posting: Posting, person_ids: Sequence[UUID]) -> int:
    """Post it to all of them at once; `person_ids` must be in order, so that two postings cannot deadlock."""
    if not person_ids:
        return 0
    posted_at = call.now()
    numbers = _next_numbers(call.session, person_ids, posted_at)
    rows = [_row(call, posting, posted_at, person_id, numbers[person_id]) for person_id in person_ids]
    call.session.execute(insert(notices), rows)
    for row in rows:
        call.publish(row["id"], 1, _event(row))
    if Channel.EMAIL in posting.channels:
        _queue_mail(call, rows, posting.addresses)
    return len(rows)


def _next_numbers(session: Session, person_ids: Sequence[UUID], at: datetime) -> dict[UUID, int]:
    """The next number of each person, who waits for a digest from now on; their heads are ours until
    the transaction ends."""
    each = func.unnest(literal(list(person_ids), ARRAY(Uuid))).table_valued("person_id").render_derived()
    first = select(each.c.person_id, literal(1), literal(at)).order_by(each.c.person_id)
    heads = upsert(notice_heads).from_select(["person_id", "last_number", "waiting_since"], first)
    raised = heads.on_conflict_do_update(
        index_elements=["person_id"],
        set_={
            "last_number": notice_heads.c.last_number + 1,
            "waiting_since": func.least(notice_heads.c.waiting_since, heads.excluded.waiting_since),
        },
    ).returning(notice_heads.c.person_id, notice_heads.c.last_number)
    return {row.person_id: row.last_number for row in session.execute(raised)}


def _row(call: Reaction, posting: Posting, at: datetime, person_id: UUID, number: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "person_id": person_id,
        "number": number,
        "cause_id": call.envelope.message_id,
        "kind": posting.kind,
        "subject": posting.subject.vi,
        "body": posting.body.vi,
        "subject_en": posting.subject.en,
        "body_en": posting.body.en,
        "about_id": posting.about_id,
        "about_type": posting.about_type,
        "posted_at": at,
    }


def _event(row: dict[str, Any]) -> NoticePosted:
    shared = {name: value for name, value in row.items() if name not in ("id", "cause_id")}
    return NoticePosted(notice_id=row["id"], **shared)


def _queue_mail(call: Reaction, rows: Sequence[dict[str, Any]], given: tuple[str, ...]) -> None:
    """A delivery for everybody who has an address, to each of them."""
    now = call.real_now()
    known = select(people.c.id, people.c.email).where(
        people.c.id.in_([row["person_id"] for row in rows]), people.c.email.is_not(None)
    )
    addresses = {} if given else {row.id: (row.email,) for row in call.session.execute(known)}
    queued = [
        {
            "id": new_id(),
            "notice_id": row["id"],
            "channel": Channel.EMAIL.value,
            "address": address,
            "state": DeliveryState.QUEUED,
            "attempts": 0,
            "next_attempt_at": now,
            "queued_at": now,
            "trace_id": call.trace_id,
        }
        for row in rows
        for address in given or addresses.get(row["person_id"], ())
    ]
    if queued:
        call.session.execute(insert(deliveries), queued)
        for row in queued:
            traces.waits("mail", row["id"], "mail queue")
