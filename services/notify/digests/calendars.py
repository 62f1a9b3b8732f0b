"""Which days are worked: the calendar of Vietnam's state agencies."""

from datetime import date
from functools import cache

from worktime import vietnam
from worktime.calendar import Calendar


def is_worked(day: date) -> bool:
    """Whether there are office hours that day; make-up days are worked, days off are not."""
    return bool(_year(day.year).hours_on(day))


@cache
def _year(year: int) -> Calendar:
    return vietnam.calendar((year,))
