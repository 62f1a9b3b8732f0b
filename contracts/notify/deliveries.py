"""E-mails for notices: their state, their attempts and their last error."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.base import ByIds


class DeliveryState(StrEnum):
    """What became of one message to one address."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    FAILED = "failed"


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
class DeliveriesOf(ByIds[DeliveryView]):
    """The deliveries of many notices of the caller's own."""
