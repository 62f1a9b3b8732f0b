"""The clock of a dossier or a step: an allowed time that runs in stretches, and when it is used up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from contracts.documents.procedures import Duration, DurationUnit
from worktime.arithmetic import add, between, is_worked, next_working
from worktime.calendar import Calendar
from worktime.deadline import RollOver, Rules, counts_from


@dataclass(frozen=True, kw_only=True)
class Counting:
    """By what is counted: one version of a calendar, the rules of the day of receipt, and when to warn."""

    calendar: Calendar
    calendar_version: int
    rules: Rules
    warn_share: float
    warn_at_most: timedelta

    def begins(self, received_at: datetime) -> datetime:
        """When counting begins for what is received then."""
        return counts_from(self.calendar, self.rules, received_at).astimezone(UTC)

    def elapsed(self, start: datetime, end: datetime, *, is_working: bool) -> int:
        """Seconds that count between two moments; none where the end lies before the start."""
        end = max(start, end)
        taken = between(self.calendar, start, end) if is_working else end - start
        return int(taken.total_seconds())

    def reach(self, start: datetime, seconds: int, *, is_working: bool) -> datetime:
        """When that many counted seconds have passed."""
        span = timedelta(seconds=seconds)
        return (add(self.calendar, start, span) if is_working else start + span).astimezone(UTC)

    def rolled(self, due: datetime) -> datetime:
        """A due moment that may fall on a day off, moved where the rules say so."""
        if self.rules.roll_over is RollOver.STAYS or is_worked(self.calendar, due):
            return due
        return next_working(self.calendar, due).astimezone(UTC)

    def warn_seconds(self, allowed: int) -> int:
        """How long before the due moment a warning is given."""
        return int(min(allowed * self.warn_share, self.warn_at_most.total_seconds()))


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A time during which the clock runs; the last one is open while it does."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Clock:
    """`seq` is the step whose duration it measures, 0 for the whole dossier. A value: changes make a new one.

    `is_given`: the due moment was set by another system and is not counted here.
    """

    seq: int
    seconds: int
    is_working: bool
    stretches: tuple[Stretch, ...] = ()
    due_at: datetime | None = None
    nearing_at: datetime | None = None
    told_nearing: bool = False
    told_overdue: bool = False
    is_given: bool = False

    @classmethod
    def of(cls, seq: int, duration: Duration | None, hours_per_day: float) -> "Clock | None":
        """A clock for the duration; none where nothing is to be measured."""
        if duration is None or duration.unit is DurationUnit.OFFICE_HOURS or not duration.amount:
            return None
        return cls(
            seq=seq,
            seconds=seconds_of(duration, hours_per_day),
            is_working=duration.unit is not DurationUnit.CALENDAR_DAY,
        )

    @property
    def runs(self) -> bool:
        """Whether time is being taken off now."""
        return self.is_given or (bool(self.stretches) and self.stretches[-1].end is None)

    def start(self, counting: Counting, at: datetime) -> "Clock":
        """Let it run from that moment on."""
        return self._settled(counting, (*self.stretches, Stretch(start=at)))

    def stop(self, counting: Counting, at: datetime) -> "Clock":
        """Hold it; there is a due moment again when it runs again, unless all time is used up already."""
        return self if self.is_given else self._settled(counting, self._closed(at))

    def leave(self, at: datetime) -> "Clock":
        """Hold it for good or until one returns; the due moment it had stays to be seen."""
        return self if self.is_given else replace(self, stretches=self._closed(at))

    def given(self, due_at: datetime) -> "Clock":
        """The same clock with the due moment another system set."""
        return replace(self, stretches=(), due_at=due_at, nearing_at=None, is_given=True)

    def used(self, counting: Counting, now: datetime) -> int:
        """Seconds taken off so far."""
        return sum(
            counting.elapsed(each.start, each.end or now, is_working=self.is_working)
            for each in self.stretches
        )

    def used_up_at(self, counting: Counting) -> datetime | None:
        """When the allowed time is used up, before any roll-over."""
        return _reached(counting, self.stretches, self.seconds, is_working=self.is_working)

    @property
    def next_moment(self) -> datetime | None:
        """When the clock will have something to publish."""
        moments = [None if self.told_nearing else self.nearing_at, None if self.told_overdue else self.due_at]
        return min((moment for moment in moments if moment is not None), default=None)

    def _closed(self, at: datetime) -> tuple[Stretch, ...]:
        last = self.stretches[-1]
        if last.end is not None:
            return self.stretches
        return (*self.stretches[:-1], Stretch(start=last.start, end=max(at, last.start)))

    def _settled(self, counting: Counting, stretches: tuple[Stretch, ...]) -> "Clock":
        moved = replace(self, stretches=stretches)
        due = moved.used_up_at(counting)
        if due is not None and not self.is_working:
            due = counting.rolled(due)
        before = self.seconds - counting.warn_seconds(self.seconds)
        nearing = _reached(counting, stretches, before, is_working=self.is_working)
        return replace(moved, due_at=due, nearing_at=nearing if due else None)


def seconds_of(duration: Duration, hours_per_day: float) -> int:
    """A duration in seconds: of working time, or of the calendar's where its unit is the calendar day."""
    hours = {
        DurationUnit.WORKING_DAY: hours_per_day,
        DurationUnit.WORKING_HOUR: 1,
        DurationUnit.CALENDAR_DAY: 24,
        DurationUnit.OFFICE_HOURS: 0,
    }[duration.unit]
    return int(duration.amount * hours * 3600)


def _reached(
    counting: Counting, stretches: Sequence[Stretch], seconds: int, *, is_working: bool
) -> datetime | None:
    """The moment in these stretches at which so many seconds have passed; None if they do not suffice."""
    left = seconds
    for each in stretches:
        if each.end is None:
            return counting.reach(each.start, left, is_working=is_working)
        taken = counting.elapsed(each.start, each.end, is_working=is_working)
        if taken >= left:
            return counting.reach(each.start, left, is_working=is_working)
        left -= taken
    return None


def years(counting: Counting, start: datetime, end: datetime) -> list[int]:
    """The years on the way that no official notice has confirmed yet."""
    zone = counting.calendar.zone
    spanned = range(start.astimezone(zone).year, end.astimezone(zone).year + 1)
    return [year for year in spanned if year not in counting.calendar.confirmed_years]
