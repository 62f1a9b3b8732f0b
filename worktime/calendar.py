"""A calendar: office hours by weekday, days off and make-up working days, each from an official source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

DAY_SECONDS = 86_400


class BadCalendar(ValueError):
    """The calendar contradicts itself; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of office hours within a day, in seconds after midnight; the end is not worked any more."""

    start: int
    end: int

    @classmethod
    def of(cls, start: str, end: str) -> "Span":
        """`Span.of("07:30", "11:30")`; `24:00` is the end of the day."""
        return cls(start=_seconds(start), end=_seconds(end))

    @property
    def seconds(self) -> int:
        return self.end - self.start


Hours = tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class WeekPlan:
    """Office hours by weekday (Monday is 0) from a date on; a weekday left out is not worked."""

    effective_from: date
    hours: Mapping[int, Hours]

    def __post_init__(self) -> None:
        for spans in self.hours.values():
            _check(spans)


class DayKind(StrEnum):
    """What makes a day special."""

    OFF = "off"
    MAKE_UP = "make_up"


@dataclass(frozen=True, kw_only=True)
class SpecialDay:
    """A day that is not like its weekday. A make-up day has the hours of `works_like`, or its own."""

    day: date
    kind: DayKind
    reason: str
    notice: str | None = None
    works_like: int = 0
    hours: Hours | None = None

    def __post_init__(self) -> None:
        if self.kind is DayKind.MAKE_UP and self.day.weekday() < 5 and self.hours is None:
            raise BadCalendar(f"{self.day}: a make-up day stands on a weekend")
        _check(self.hours or ())


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """One version of a calendar; what was computed with it stays computed with it."""

    name: str
    version: int
    weeks: tuple[WeekPlan, ...]
    special: tuple[SpecialDay, ...] = ()
    confirmed_years: frozenset[int] = frozenset()
    timezone: str = "Asia/Ho_Chi_Minh"
    blocks: dict[int, object] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        days = [each.day for each in self.special]
        if twice := {day for day in days if days.count(day) > 1}:
            raise BadCalendar(f"{min(twice)} stands twice among the special days")
        if not self.weeks:
            raise BadCalendar("a calendar needs office hours")

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def by_day(self) -> Mapping[date, SpecialDay]:
        """Special days by date."""
        return {each.day: each for each in self.special}

    @cached_property
    def _plans(self) -> tuple[WeekPlan, ...]:
        return tuple(sorted(self.weeks, key=lambda plan: plan.effective_from, reverse=True))

    def hours_on(self, day: date) -> Hours:
        """The office hours of one day; none when it is off."""
        special = self.by_day.get(day)
        if special is None:
            return self._plan(day).hours.get(day.weekday(), ())
        if special.kind is DayKind.OFF:
            return special.hours or ()
        return special.hours or self._plan(day).hours.get(special.works_like, ())

    def _plan(self, day: date) -> WeekPlan:
        """The plan of that day; before the first plan the first one counts."""
        return next((p for p in self._plans if p.effective_from <= day), self._plans[-1])


def _check(spans: Hours) -> None:
    before = 0
    for span in spans:
        if not before <= span.start < span.end <= DAY_SECONDS:
            raise BadCalendar(f"office hours {span} overlap or run backwards")
        before = span.end


def _seconds(text: str) -> int:
    if text == "24:00":
        return DAY_SECONDS
    moment = time.fromisoformat(text)
    return moment.hour * 3600 + moment.minute * 60 + moment.second
