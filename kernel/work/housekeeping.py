"""What every service's database needs from time to time: next month's partitions, old claims let go."""

import logging
from datetime import timedelta
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import ColumnElement, delete, func, literal_column, select, text
from sqlalchemy.exc import OperationalError

from kernel.base import clock
from kernel.data import claims
from kernel.data.tables import catch_up, inbox
from kernel.trust import heeding
from kernel.work.call import Call

log = logging.getLogger(__name__)

AT_A_TIME = 20_000
"""Rows let go in a turn: a statement about all of them might never end in time."""
INBOX_KEPT = timedelta(days=90)
MONTHS_AHEAD = 2
# More than the clocks of two machines ever differ: one says when a claim was made, one when all was read.
CLOCKS_APART = timedelta(days=1)


def keep_house(call: Call) -> int:
    """Make partitions ahead and forget what is past its keeping; how many rows were let go."""
    _make_partitions(call)
    forgotten = claims.forget_old(call.session, AT_A_TIME)
    return forgotten + _forget_messages(call) + heeding.forget(call.session)


def _make_partitions(call: Call) -> None:
    """A new one needs its parent alone for a moment, and all who write wait behind who waits for that:
    while a backup reads the parent, it is left for the next hour. There is time: two months are ahead."""
    ahead = text("select ensure_month_partitions(:parent, :months)")
    try:
        with call.session.begin_nested():
            call.session.execute(text("set local lock_timeout = '500ms'"))
            for parent in ("outbox", "trail"):
                call.session.execute(ahead, {"parent": parent, "months": MONTHS_AHEAD})
            call.session.execute(text("set local lock_timeout to default"))
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        log.info("partitions are made later: somebody reads the whole table now")


def _forget_messages(call: Call) -> int:
    """Let go of old claims, but of none whose event the next catching up would still read and offer again."""
    caught_up = select(func.min(catch_up.c.caught_up_at)).scalar_subquery()
    received = inbox.c.received_at
    row: ColumnElement[Any] = literal_column("ctid")
    old = select(row).select_from(inbox)
    old = old.where(received < clock.now() - INBOX_KEPT, received < caught_up - CLOCKS_APART).limit(AT_A_TIME)
    forgotten = delete(inbox).where(row.in_(old))
    return call.session.execute(forgotten).rowcount  # type: ignore[attr-defined, no-any-return]
