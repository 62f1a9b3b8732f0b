"""The e-mail of the day: everything that a person has to know, once."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from contracts.base import PageEnd, PageOf
from contracts.notify.deliveries import DeliveryState


@dataclass(kw_only=True)
class DigestView:
    """The digest of one working day: how many new notices it told of, and what became of its e-mail."""

    id: UUID
    person_id: UUID
    day: date
    notices: int
    unread_before: int
    made_at: datetime
    address: str
    state: DeliveryState
    attempts: int
    sent_at: datetime | None
    last_error: str | None


@dataclass(kw_only=True)
class DigestPage(PageEnd):
    """A page of digests; `cursors[i]` belongs to `items[i]`."""

    items: list[DigestView]


@dataclass(kw_only=True)
class ListDigests(PageOf[DigestPage]):
    """The caller's own daily digests, newest first."""
