"""Deadlines: a duration, counted from receipt by rules that are data, with what made it come out so."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from contracts.documents.procedures import Duration, DurationUnit
from worktime.arithmetic import Segment, add, explain, is_worked, next_working
from worktime.calendar import Calendar


class RollOver(StrEnum):
    """What becomes of a due moment at which nobody works."""

    NEXT_WORKING_MOMENT = "next_working_moment"
    STAYS = "stays"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How a deadline is counted, in force from a date on; `basis` is where that is laid down.

    `cut_off`: what is received at or after this local time counts from the next working day on.
    """

    effective_from: date
    basis: str
    hours_per_day: float = 8
    cut_off: time | None = None
    roll_over: RollOver = RollOver.NEXT_WORKING_MOMENT


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """When counting begins, when it is due, and the years on the way that no notice has confirmed yet."""

    received_at: datetime
    counts_from: datetime
    due_at: datetime
    segments: tuple[Segment, ...]
    unconfirmed_years: tuple[int, ...]


def deadline(calendar: Calendar, rules: Rules, received_at: datetime, duration: Duration) -> Deadline:
    """The deadline of something received then; "giờ hành chính" is due at the moment it is received."""
    begins = counts_from(calendar, rules, received_at)
    due = (
        received_at if duration.unit is DurationUnit.OFFICE_HOURS else _due(calendar, rules, begins, duration)
    )
    years = range(begins.astimezone(calendar.zone).year, due.astimezone(calendar.zone).year + 1)
    return Deadline(
        received_at=received_at,
        counts_from=begins,
        due_at=due,
        segments=tuple(explain(calendar, begins, due)),
        unconfirmed_years=tuple(year for year in years if year not in calendar.confirmed_years),
    )


def counts_from(calendar: Calendar, rules: Rules, received_at: datetime) -> datetime:
    """The working moment at which counting begins."""
    there = received_at.astimezone(calendar.zone)
    if rules.cut_off is not None and there.time() >= rules.cut_off:
        tomorrow = datetime.combine(there.date() + timedelta(days=1), time(), calendar.zone)
        return next_working(calendar, tomorrow)
    return next_working(calendar, received_at)


def _due(calendar: Calendar, rules: Rules, begins: datetime, duration: Duration) -> datetime:
    if duration.unit is DurationUnit.CALENDAR_DAY:
        return _rolled(calendar, rules, begins + timedelta(days=duration.amount))
    hours = duration.amount * (rules.hours_per_day if duration.unit is DurationUnit.WORKING_DAY else 1)
    return add(calendar, begins, timedelta(hours=hours))


def _rolled(calendar: Calendar, rules: Rules, due: datetime) -> datetime:
    if rules.roll_over is RollOver.STAYS or is_worked(calendar, due):
        return due
    return next_working(calendar, due)
