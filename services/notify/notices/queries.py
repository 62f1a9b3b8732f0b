"""A person's own notices."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.notify.notices import ListNotices, NoticePage, NoticeView
from kernel.base.ids import NOBODY
from kernel.data.paging import Order, page
from kernel.work.call import Call
from kernel.work.operations import query
from services.notify.notices.tables import notices


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


def unread_count(session: Session, person_id: UUID) -> int:
    """How many of the person's notices are unread."""
    unread = select(func.count()).where(notices.c.person_id == person_id, notices.c.read_at.is_(None))
    return session.scalar(unread) or 0


def _columns() -> list[Any]:
    return [notices.c[name] for name in NoticeView.__dataclass_fields__]


def _notice(row: Any) -> NoticeView:
    return NoticeView(**row._mapping)
