"""The minute of a hand-over (biên bản bàn giao): what passed in every service, as one signed record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.base import ByIds, Question
from contracts.duties import HandedThing


@dataclass(frozen=True, kw_only=True)
class MinuteFile:
    """The minute as it lies in the store, a PDF/A-2b file."""

    key: str
    version_id: str
    sha256: str
    size: int
    written_at: datetime


@dataclass(kw_only=True)
class HandOverReport:
    """What passed in one service, as it says itself."""

    service: str
    things: list[HandedThing]


@dataclass(kw_only=True)
class MinuteView:
    """What passed with a hand-over; the minute is written when every service has reported."""

    hand_over_id: UUID
    reports: list[HandOverReport]
    sha256: str | None
    written_at: datetime | None


@dataclass(kw_only=True)
class MinuteLink:
    """Where the minute can be fetched for a short time, and its hash."""

    url: str
    expires_at: datetime
    sha256: str


@dataclass(kw_only=True)
class MinutesByIds(ByIds[MinuteView]):
    """The minutes of hand-overs, to those who took part and to who leads the agency."""


@dataclass(kw_only=True)
class DownloadMinute(Question[MinuteLink]):
    """A link to the minute of one hand-over."""

    hand_over_id: UUID
