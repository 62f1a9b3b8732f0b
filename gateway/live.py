"""Notices live: each listener has a small buffer, and what it misses it reads from the service.

A person's notices are numbered without a gap, so a listener knows by the number alone whether it
has seen all: a number already seen is skipped, and where one is missing (the buffer ran over, the
broker was away, the client came back) the stretch is read by `list_notices`. Nothing depends on
the live message; it only makes the notice arrive sooner.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from contracts.notify.events import NoticePosted
from contracts.notify.notices import ListNotices, NoticeView
from gateway.problems import Refused

if TYPE_CHECKING:
    from gateway.context import Context

log = logging.getLogger(__name__)

BUFFER = 100
"""Notices kept for a client that reads slowly; past that it reads them from the service."""
PAUSE = 1.0
"""Seconds before asking again while the service is away."""


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
        """Hand a notice to whoever listens for its person."""
        for feed in self.of_person.get(notice.person_id, ()):
            feed.post(notice)

    def look_again(self) -> None:
        """The broker was away: every listener reads what it may have missed."""
        for feeds in self.of_person.values():
            for feed in feeds:
                feed.look_again()

    def received(self, body: bytes) -> None:
        """A message of notify's; one that cannot be read is told to the log and left."""
        try:
            event = msgspec.convert(msgspec.json.decode(body)["event"], NoticePosted)
        except (msgspec.MsgspecError, KeyError, TypeError) as error:
            log.warning("a notice on the bus could not be read: %s", error)
            return
        self.post(as_view(event))


def as_view(event: NoticePosted) -> NoticeView:
    """The notice that the event tells of, as yet unread."""
    told: dict[str, Any] = dict(vars(event))
    return NoticeView(id=told.pop("notice_id"), read_at=None, **told)


async def notices_of(context: "Context", after_number: int | None) -> AsyncIterator[NoticeView]:
    """The person's notices after a number (default: from now on), in order, each once."""
    with context.feeds.listen(context.person_id) as feed:
        last = await _newest(context) if after_number is None else after_number
        if after_number is not None:
            feed.look_again()
        while True:
            async for notice in _next(context, feed, last):
                last = notice.number
                yield notice


async def _next(context: "Context", feed: Feed, last: int) -> AsyncIterator[NoticeView]:
    """What follows `last`, live where the numbers join on, else from the service."""
    live, missed = await feed.take()
    for notice in live:
        if notice.number == last + 1:
            last = notice.number
            yield notice
        elif notice.number > last:
            missed = True
    if missed:
        async for notice in _stored(context, feed, last):
            yield notice


async def _stored(context: "Context", feed: Feed, last: int) -> AsyncIterator[NoticeView]:
    has_next = True
    while has_next:
        try:
            page = await context.ask(ListNotices(first=100, after_number=last))
        except Refused as refused:
            if not refused.is_outage:
                raise
            await asyncio.sleep(PAUSE)
            feed.look_again()
            return
        for notice in page.items:
            last = notice.number
            yield notice
        has_next = page.has_next


async def _newest(context: "Context") -> int:
    page = await context.ask(ListNotices(first=1))
    return page.items[0].number if page.items else 0
