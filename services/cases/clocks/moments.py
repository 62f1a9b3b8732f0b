"""The moment of an act, as finely as a clock counts."""

from datetime import UTC, datetime

from kernel.work.call import Call


def this_second(call: Call) -> datetime:
    """The business moment in UTC, to the second: finer than that nothing is counted."""
    return call.now().astimezone(UTC).replace(microsecond=0)
