"""A person's own notices, their digests, and what became of the e-mails sent for them."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.notify.deliveries import DeliveriesOf, DeliveryView
from contracts.notify.digests import DigestPage, DigestView, ListDigests
from contracts.notify.notices import ListNotices, NoticePage, NoticeView
from kernel.base.ids import NOBODY
from kernel.data.paging import Order, page
from kernel.work.call import Call
from kernel.work.operations import query
from services.notify.tables import deliveries, digests, notices


@query(ListNotices)
def list_notices(call: Call, question: ListNotices) -> NoticePage:
    """Newest first; or, to resume after a number, oldest first from there on."""
    person_id = call.actor.person_id or NOBODY
    own = select(*_columns()).where(notices.c.person_id == person_id)
    if question.unread_only:
        own = own.where(notices.c.read_at.is_(None))
    order: Order = [(notices.c.number, "desc")]
    if question.after_number is not None:
        own = own.where(notices.c.number > question.after_number)
        order = [(notices.c.number, "asc")]
    rows, has_next, cursors = page(call.session, own, order, question.first, question.after)
    return NoticePage(
        items=[_notice(row) for row in rows],
        has_next=has_next,
        cursors=cursors,
        unread=unread_count(call.session, person_id),
    )


@query(DeliveriesOf)
def deliveries_of(call: Call, question: DeliveriesOf) -> list[DeliveryView]:
    """The e-mails of the caller's own notices among those asked about."""
    names = DeliveryView.__dataclass_fields__
    wanted = (
        select(*(deliveries.c[name] for name in names))
        .join(notices, notices.c.id == deliveries.c.notice_id)
        .where(
            deliveries.c.notice_id.in_(question.ids), notices.c.person_id == (call.actor.person_id or NOBODY)
        )
        .order_by(deliveries.c.queued_at, deliveries.c.id)
    )
    return [DeliveryView(**row._mapping) for row in call.session.execute(wanted)]


@query(ListDigests)
def list_digests(call: Call, question: ListDigests) -> DigestPage:
    """The caller's digests with their e-mails, newest day first."""
    own = (
        select(*(_digest_column(name) for name in DigestView.__dataclass_fields__))
        .join(deliveries, deliveries.c.id == digests.c.delivery_id)
        .where(digests.c.person_id == (call.actor.person_id or NOBODY))
    )
    order: Order = [(digests.c.day, "desc")]
    rows, has_next, cursors = page(call.session, own, order, question.first, question.after)
    return DigestPage(items=[DigestView(**row._mapping) for row in rows], has_next=has_next, cursors=cursors)


def _digest_column(name: str) -> Any:
    return digests.c[name] if name in digests.c else deliveries.c[name]


def unread_count(session: Session, person_id: UUID) -> int:
    """How many of the person's notices are unread."""
    unread = select(func.count()).where(notices.c.person_id == person_id, notices.c.read_at.is_(None))
    return session.scalar(unread) or 0


def _columns() -> list[Any]:
    return [notices.c[name] for name in NoticeView.__dataclass_fields__]


def _notice(row: Any) -> NoticeView:
    return NoticeView(**row._mapping)
