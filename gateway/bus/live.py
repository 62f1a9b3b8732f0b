"""Notices live: each listener has a small buffer, and what it misses it reads from the service.

A person's notices are numbered without a gap, so a listener knows by the number alone whether it
has seen all: a number already seen is skipped, and where one is missing (the buffer ran over, the
broker was away, the client came back) the stretch is read by `list_notices`. Nothing depends on
the live message; it only makes the notice arrive sooner.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec

from contracts.notify.events import NoticePosted
from contracts.notify.notices import NoticeView

log = logging.getLogger(__name__)
BUFFER = 100
"""Notices kept for a client that reads slowly; past that it reads them from the service."""


class Feed:
    """One listener's buffer."""

    def __init__(self) -> None:
        self.waiting: deque[NoticeView] = deque()
        self.missed = False
        self.news = asyncio.Event()

    def post(self, notice: NoticeView) -> None:
        """Hand over a notice; a full buffer is emptied and the stretch marked as missed."""
        self.waiting.append(notice)
        if len(self.waiting) > BUFFER:
            self.waiting.clear()
            self.missed = True
        self.news.set()

    def look_again(self) -> None:
        """Something may have been missed."""
        self.missed = True
        self.news.set()

    async def take(self) -> tuple[list[NoticeView], bool]:
        """What came since the last time, and whether some may have been missed."""
        await self.news.wait()
        self.news.clear()
        taken, missed = list(self.waiting), self.missed
        self.waiting.clear()
        self.missed = False
        return taken, missed


class Feeds:
    """Who listens in this process, by person."""

    def __init__(self) -> None:
        self.of_person: defaultdict[UUID, set[Feed]] = defaultdict(set)

    @contextmanager
    def listen(self, person_id: UUID) -> Iterator[Feed]:
        """A feed of one person's notices, for as long as it is used."""
        feed = Feed()
        self.of_person[person_id].add(feed)
        try:
            yield feed
        finally:
            self.of_person[person_id].discard(feed)
            if not self.of_person[person_id]:
                del self.of_person[person_id]

    def post(self, notice: NoticeView) -> None:
        """Hand a notice to the listeners of its person."""
        for feed in self.of_person.get(notice.person_id, ()):
            feed.post(notice)

    def look_again(self) -> None:
        """The broker was away: every listener reads what it may have missed."""
        for feeds in self.of_person.values():
            for feed in feeds:
                feed.look_again()

    def received(self, body: bytes) -> None:
        """Take a message of notify's; one that cannot be read is logged and left."""
        try:
            event = msgspec.convert(msgspec.json.decode(body)["event"], NoticePosted)
        except (msgspec.MsgspecError, KeyError, TypeError) as error:
            log.warning("a notice on the bus could not be read: %s", error)
            return
        self.post(as_view(event))


def as_view(event: NoticePosted) -> NoticeView:
    """The notice that the event is about, as yet unread."""
    shown: dict[str, Any] = dict(vars(event))
    return NoticeView(id=shown.pop("notice_id"), read_at=None, **shown)
