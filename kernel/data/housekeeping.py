"""What every service's database needs from time to time: next month's partitions, old claims let go."""

from datetime import timedelta

from sqlalchemy import delete, func, select, text

from kernel import clock
from kernel.call import Call
from kernel.data import claims
from kernel.data.tables import catch_up, inbox

INBOX_KEPT = timedelta(days=90)
MONTHS_AHEAD = 2
# More than the clocks of two machines ever differ: one says when a claim was made, one when all was read.
CLOCKS_APART = timedelta(days=1)


def keep_house(call: Call) -> int:
    """Make partitions ahead and forget what is past its keeping; how many rows were let go."""
    for parent in ("outbox", "trail"):
        ahead = text("select ensure_month_partitions(:parent, :months)")
        call.session.execute(ahead, {"parent": parent, "months": MONTHS_AHEAD})
    forgotten = claims.forget_old(call.session)
    return forgotten + _forget_messages(call)


def _forget_messages(call: Call) -> int:
    """Let go of old claims, but of none whose event the next catching up would still read and offer again."""
    caught_up = select(func.min(catch_up.c.caught_up_at)).scalar_subquery()
    received = inbox.c.received_at
    old = delete(inbox).where(received < clock.now() - INBOX_KEPT, received < caught_up - CLOCKS_APART)
    return call.session.execute(old).rowcount  # type: ignore[attr-defined, no-any-return]
