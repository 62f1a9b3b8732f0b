"""The inbox: the claim is the insert, in the transaction of the effect, so a repeat has none."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.data.prepared import prepared
from kernel.data.tables import inbox

_CLAIM = prepared(
    insert(inbox).on_conflict_do_nothing().returning(inbox.c.message_id), ("consumer", "message_id")
)


def first_time(session: Session, consumer: str, message_id: UUID) -> bool:
    """Claim the message for this consumer; False for one that already had its effect."""
    return session.scalar(_CLAIM, {"consumer": consumer, "message_id": message_id}) is not None


def unseen(session: Session, consumer: str, ids: list[UUID]) -> set[UUID]:
    """The ids that had no effect for this consumer yet."""
    seen = select(inbox.c.message_id).where(inbox.c.consumer == consumer, inbox.c.message_id.in_(ids))
    return set(ids) - set(session.scalars(seen))
