"""Who is told: notices inside the system, daily digests, and what became of the e-mails sent for them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import ByIds, Command, Event, PageEnd, PageOf, event


class DeliveryState(StrEnum):
    """What became of one message to one address."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    FAILED = "failed"


@dataclass(kw_only=True)
class NoticeView:
    """One notice to one person; `number` counts that person's notices without a gap."""

    id: UUID
    number: int
    person_id: UUID
    kind: str
    subject: str
    body: str
    subject_en: str
    body_en: str
    about_id: UUID
    about_type: str
    posted_at: datetime
    read_at: datetime | None


@dataclass(kw_only=True)
class NoticePage(PageEnd):
    """A page of notices; `cursors[i]` belongs to `items[i]`."""

    items: list[NoticeView]
    unread: int


@dataclass(kw_only=True)
class DeliveryView:
    """An e-mail for a notice: its state, the attempts made and the last error."""

    id: UUID
    notice_id: UUID
    channel: str
    address: str
    state: DeliveryState
    attempts: int
    sent_at: datetime | None
    last_error: str | None


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
class ListNotices(PageOf):
    """The caller's own notices, oldest first after `after_number`, else newest first."""

    after_number: Annotated[int, Meta(ge=0)] | None = None
    unread_only: bool = False


@dataclass(kw_only=True)
class DeliveriesOf(ByIds):
    """The deliveries of many notices of the caller's own."""


@dataclass(kw_only=True)
class ListDigests(PageOf):
    """The caller's own daily digests, newest first."""


@dataclass(kw_only=True)
class MarkNoticesRead(Command):
    """Mark one's own notices as read up to and including a number."""

    up_to_number: Annotated[int, Meta(ge=1)]


@dataclass(kw_only=True)
class NoticesRead:
    """How many notices became read, and how many are still unread."""

    marked: int
    unread: int


@event("notify.notice_posted.v1")
class NoticePosted(Event):
    """A notice was posted to a person: the notice itself, for whoever shows it live."""

    notice_id: UUID
    number: int
    person_id: UUID
    kind: str
    subject: str
    body: str
    subject_en: str
    body_en: str
    about_id: UUID
    about_type: str
    posted_at: datetime
