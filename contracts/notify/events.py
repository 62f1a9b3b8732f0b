"""What notify publishes: a notice was posted."""

from datetime import datetime
from uuid import UUID

from contracts.base import Event, event


@event("notify.notice_posted.v1")
class NoticePosted(Event):
    """A notice was posted to a person: the notice itself, for those who show it live."""

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
