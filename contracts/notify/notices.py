"""Notices inside the system to one person each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import Command, PageEnd, PageOf


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
class ListNotices(PageOf[NoticePage]):
    """The caller's own notices, oldest first after `after_number`, else newest first."""

    after_number: Annotated[int, Meta(ge=0)] | None = None
    unread_only: bool = False


@dataclass(kw_only=True)
class NoticesRead:
    """How many notices became read, and how many are still unread."""

    marked: int
    unread: int


@dataclass(kw_only=True)
class MarkNoticesRead(Command[NoticesRead]):
    """Mark one's own notices as read up to and including a number."""

    up_to_number: Annotated[int, Meta(ge=1)]
