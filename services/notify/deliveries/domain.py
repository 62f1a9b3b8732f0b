"""One e-mail on its way: claimed, tried, tried again later, given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.notify.deliveries import DeliveryState

ERROR_LENGTH = 500


@dataclass(eq=False, kw_only=True)
class Delivery:
    """A message to one address, for a notice or a digest; `attempts` counts from the moment it is claimed."""

    id: UUID
    notice_id: UUID | None = None
    channel: str
    address: str
    state: DeliveryState = DeliveryState.QUEUED
    attempts: int = 0
    next_attempt_at: datetime | None
    sent_at: datetime | None = None
    last_error: str | None = None
    trace_id: str | None = None

    def claim(self) -> None:
        """Somebody is about to send it; saved before the first byte goes out."""
        self.state, self.next_attempt_at = DeliveryState.SENDING, None
        self.attempts += 1

    def arrived(self, now: datetime) -> None:
        """The mail server took it over."""
        self.state, self.sent_at, self.last_error = DeliveryState.SENT, now, None

    def failed(self, error: str, *, for_good: bool, now: datetime, waits: Sequence[float]) -> None:
        """Try again after the next wait; after the last, or where it is hopeless, give up."""
        self.last_error = error[:ERROR_LENGTH]
        if for_good or self.attempts > len(waits):
            self.state = DeliveryState.FAILED
            return
        self.state = DeliveryState.RETRYING
        self.next_attempt_at = now + timedelta(seconds=waits[self.attempts - 1])
