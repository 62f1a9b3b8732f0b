"""Periods of days: the first day belongs to a period, the day it ends on does not."""

from datetime import date
from typing import Protocol


class Dated(Protocol):
    """Anything valid from a day on and, perhaps, until another."""

    @property
    def valid_from(self) -> date: ...

    @property
    def valid_to(self) -> date | None: ...


def covers(begin: date, end: date | None, day: date) -> bool:
    """Whether `day` lies in the period."""
    return begin <= day and (end is None or day < end)


def is_valid(dated: Dated, day: date) -> bool:
    """Whether the thing is valid on `day`."""
    return covers(dated.valid_from, dated.valid_to, day)


def earlier(one: date | None, other: date | None) -> date | None:
    """The earlier of two ends; None never ends."""
    ends = [end for end in (one, other) if end is not None]
    return min(ends, default=None)
