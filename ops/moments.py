"""Moments as an operator reads them: Vietnamese time, and how long ago."""

from datetime import datetime

from kernel.base import clock


def local(moment: str | datetime | None) -> str:
    """`14:03:22 22/11/2026 (5 min)`; a dash where nothing is known."""
    if moment is None:
        return "–"
    try:
        found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    except ValueError:
        return str(moment)
    if found.tzinfo is None:
        found = found.replace(tzinfo=clock.VIETNAM)
    return f"{found.astimezone(clock.VIETNAM):%H:%M:%S %d/%m/%Y} ({age(found)})"


def age(moment: datetime) -> str:
    """How long ago, in the largest unit that says something."""
    seconds = max(0, int((clock.now() - moment).total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
