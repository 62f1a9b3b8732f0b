"""The calendar of Vietnam's state agencies: the law's holidays, and over them what official notices say."""

import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import holidays

from worktime.calendar import Calendar, DayKind, Span, SpecialDay, WeekPlan

DATA = Path(__file__).parent / "data" / "vietnam.toml"


def calendar(years: Iterable[int], hours: WeekPlan | None = None) -> Calendar:
    """Days off and make-up days of these years, with the office hours of the data file or one's own."""
    raw = _raw()
    wanted = sorted(set(years))
    special = {each.day: each for each in (*_by_law(wanted), *_make_up_by_law(wanted))}
    special |= {each.day: each for each in _by_notice(raw) if each.day.year in wanted}
    return Calendar(
        name="Việt Nam",
        version=raw["version"],
        weeks=(hours or _office_hours(raw),),
        special=tuple(special[day] for day in sorted(special)),
        confirmed_years=frozenset(raw["confirmed_years"]),
    )


def _by_law(years: list[int]) -> Iterable[SpecialDay]:
    """Holidays on weekdays; for one on a weekend its substitute is a day of its own."""
    for day, name in holidays.country_holidays("VN", years=years, language="vi").items():
        if day.weekday() < 5:
            yield SpecialDay(day=day, kind=DayKind.OFF, reason=name)


def _make_up_by_law(years: list[int]) -> Iterable[SpecialDay]:
    known = holidays.country_holidays("VN", years=years)
    for day in known.weekend_workdays:
        if day.year in years:
            yield SpecialDay(day=day, kind=DayKind.MAKE_UP, reason="Làm bù")


def _by_notice(raw: dict[str, Any]) -> Iterable[SpecialDay]:
    for each in raw["notice"]:
        for day in each.get("off", []):
            yield SpecialDay(day=day, kind=DayKind.OFF, reason=each["reason"], notice=each["number"])
        for day in each.get("make_up", []):
            kind = DayKind.MAKE_UP
            yield SpecialDay(day=day, kind=kind, reason=each["reason"], notice=each["number"])


def _office_hours(raw: dict[str, Any]) -> WeekPlan:
    spans = tuple(Span.of(*pair) for pair in raw["office_hours"]["spans"])
    weekdays: list[int] = raw["office_hours"]["weekdays"]
    since: date = raw["office_hours"]["effective_from"]
    return WeekPlan(effective_from=since, hours=dict.fromkeys(weekdays, spans))


@cache
def _raw() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text("utf-8"))
