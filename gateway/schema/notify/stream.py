"""A person's notices as a stream: live where the numbers join on, else read from the service."""

import asyncio
from collections.abc import AsyncIterator

from contracts.notify.notices import ListNotices, NoticeView
from gateway.bus.live import Feed
from gateway.bus.refused import Refused
from gateway.graphql.context import Context

PAUSE = 1.0
"""Seconds before asking again while the service is away."""


async def notices_of(context: Context, after_number: int | None) -> AsyncIterator[NoticeView]:
    """The person's notices after a number (default: from now on), in order, each once."""
    with context.feeds.listen(context.person_id) as feed:
        last = await _newest(context) if after_number is None else after_number
        if after_number is not None:
            feed.look_again()
        while True:
            async for notice in _next(context, feed, last):
                last = notice.number
                yield notice


async def _next(context: Context, feed: Feed, last: int) -> AsyncIterator[NoticeView]:
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


async def _stored(context: Context, feed: Feed, last: int) -> AsyncIterator[NoticeView]:
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


async def _newest(context: Context) -> int:
    page = await context.ask(ListNotices(first=1))
    return page.items[0].number if page.items else 0
