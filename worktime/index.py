"""A calendar made quick to ask: for each year the working seconds before each of its days.

With these sums, "how much working time lies before this moment" is one look-up, and its inverse one
bisection, however long the stretch.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from worktime.calendar import BadCalendar, Calendar, Hours

FARTHEST_YEARS = 50


@dataclass(frozen=True)
class Year:
    """`before[i]` working seconds lie before day `i` of the year; the last entry is the year's sum."""

    year: int
    hours: tuple[Hours, ...]
    before: tuple[int, ...]

    @property
    def total(self) -> int:
        return self.before[-1]

    def position(self, day: int, second: int) -> int:
        """Working seconds of this year before the given second of its day number `day`."""
        worked = sum(max(0, min(second, span.end) - span.start) for span in self.hours[day])
        return self.before[day] + worked

    def moment(self, position: int) -> tuple[int, int]:
        """The earliest (day, second) before which that many seconds of the year were worked."""
        day = bisect_left(self.before, position, lo=1) - 1
        left = position - self.before[day]
        for span in self.hours[day]:
            if left <= span.seconds:
                return day, span.start + left
            left -= span.seconds
        raise AssertionError("the sums and the hours of the day disagree")


def year_of(calendar: Calendar, year: int) -> Year:
    """The year of a calendar, computed once."""
    known = calendar.blocks.get(year)
    if isinstance(known, Year):
        return known
    first = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    hours = tuple(calendar.hours_on(first + timedelta(days=n)) for n in range(days))
    sums = accumulate((sum(span.seconds for span in spans) for spans in hours), initial=0)
    found = calendar.blocks[year] = Year(year, hours, tuple(sums))
    return found


def local(calendar: Calendar, moment: datetime) -> tuple[int, int, int]:
    """(year, day of the year, second of the day) in the calendar's zone."""
    there = moment.astimezone(calendar.zone)
    second = there.hour * 3600 + there.minute * 60 + there.second
    return there.year, there.timetuple().tm_yday - 1, second


def absolute(calendar: Calendar, year: int, day: int, second: int) -> datetime:
    """The moment of a second of a day, in the calendar's zone."""
    midnight = datetime(year, 1, 1, tzinfo=calendar.zone) + timedelta(days=day)
    return midnight + timedelta(seconds=second)


def advance(calendar: Calendar, year: int, position: int) -> tuple[Year, int]:
    """The year and position within it that lie `position` working seconds after that year's start."""
    for ahead in range(FARTHEST_YEARS):
        block = year_of(calendar, year + ahead)
        if position <= block.total:
            return block, position
        position -= block.total
    raise BadCalendar(f"{calendar.name}: not enough working time within {FARTHEST_YEARS} years")
