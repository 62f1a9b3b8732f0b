"""What every service's database needs from time to time: next month's partitions, old claims let go."""

from datetime import timedelta

from sqlalchemy import delete, text

from kernel import clock
from kernel.call import Call
from kernel.data import claims
from kernel.data.tables import inbox

INBOX_KEPT = timedelta(days=90)
MONTHS_AHEAD = 2


def keep_house(call: Call) -> int:
    """Make partitions ahead and forget what is past its keeping; how many rows were let go."""
    for parent in ("outbox", "trail"):
        ahead = text("select ensure_month_partitions(:parent, :months)")
        call.session.execute(ahead, {"parent": parent, "months": MONTHS_AHEAD})
    forgotten = claims.forget_old(call.session)
    old = delete(inbox).where(inbox.c.received_at < clock.now() - INBOX_KEPT)
    return forgotten + call.session.execute(old).rowcount  # type: ignore[attr-defined, no-any-return]
