"""Calendars: which plan counts on a day, what a special day is worth, and what is no calendar."""

from datetime import date, datetime, timedelta

import pytest

from worktime.arithmetic import between
from worktime.calendar import BadCalendar, Calendar, DayKind, Span, SpecialDay, WeekPlan

MONDAY, HOUR = date(2026, 8, 10), 3600
SATURDAY = MONDAY + timedelta(days=5)
MORNING, SHORT = (Span(start=8 * HOUR, end=12 * HOUR),), (Span(start=8 * HOUR, end=10 * HOUR),)


def a_calendar(*special, plans=None):
    first = WeekPlan(effective_from=MONDAY, hours=dict.fromkeys(range(5), MORNING))
    return Calendar(name="thử", version=1, weeks=plans or (first,), special=special)


def test_a_calendar_that_was_asked_is_the_same_as_one_that_was_not():
    asked, other = a_calendar(), a_calendar()
    start = datetime(2026, 8, 10, 9, tzinfo=asked.zone)
    assert between(asked, start, start + timedelta(hours=1)) == timedelta(hours=1)
    assert asked == other


def test_the_latest_plan_that_has_begun_counts_and_before_the_first_the_first():
    plans = [
        WeekPlan(effective_from=MONDAY + timedelta(weeks=n), hours={0: hours})
        for n, hours in enumerate((MORNING, SHORT))
    ]
    for each in (plans, plans[::-1]):
        calendar = a_calendar(plans=tuple(each))
        assert calendar.hours_on(MONDAY - timedelta(weeks=9)) == MORNING
        assert calendar.hours_on(MONDAY) == MORNING
        assert calendar.hours_on(MONDAY + timedelta(days=7)) == SHORT
        assert calendar.hours_on(MONDAY + timedelta(weeks=9)) == SHORT


def test_a_day_of_the_week_without_hours_is_off():
    assert a_calendar().hours_on(SATURDAY) == ()


def test_a_day_off_is_off_but_for_the_hours_it_names():
    off = SpecialDay(day=MONDAY, kind=DayKind.OFF, reason="lễ")
    half = SpecialDay(day=MONDAY, kind=DayKind.OFF, reason="lễ", hours=SHORT)
    assert a_calendar(off).hours_on(MONDAY) == ()
    assert a_calendar(half).hours_on(MONDAY) == SHORT


def test_a_make_up_day_is_worked_like_the_day_it_stands_for():
    plan = WeekPlan(effective_from=MONDAY, hours={0: MORNING, 4: SHORT})
    like_friday = SpecialDay(day=SATURDAY, kind=DayKind.MAKE_UP, reason="bù", works_like=4)
    own = SpecialDay(day=SATURDAY, kind=DayKind.MAKE_UP, reason="bù", hours=MORNING)
    assert a_calendar(like_friday, plans=(plan,)).hours_on(SATURDAY) == SHORT
    assert a_calendar(own, plans=(plan,)).hours_on(SATURDAY) == MORNING


def test_a_make_up_day_stands_on_a_weekend_unless_it_names_its_hours():
    friday = SATURDAY - timedelta(days=1)
    with pytest.raises(BadCalendar, match="weekend"):
        SpecialDay(day=friday, kind=DayKind.MAKE_UP, reason="bù")
    SpecialDay(day=friday, kind=DayKind.MAKE_UP, reason="bù", hours=SHORT)
    SpecialDay(day=friday, kind=DayKind.OFF, reason="nghỉ")


def test_a_calendar_has_hours_and_each_special_day_once():
    off = SpecialDay(day=MONDAY, kind=DayKind.OFF, reason="lễ")
    with pytest.raises(BadCalendar, match="stands twice"):
        a_calendar(off, off)
    with pytest.raises(BadCalendar, match="office hours"):
        Calendar(name="thử", version=1, weeks=())


NOTHING, BACKWARDS = (Span(start=8 * HOUR, end=8 * HOUR),), (Span(start=9 * HOUR, end=8 * HOUR),)


@pytest.mark.parametrize("spans", [NOTHING, BACKWARDS, (*MORNING, *SHORT), (*MORNING, *MORNING)])
def test_hours_of_a_day_follow_one_another(spans):
    with pytest.raises(BadCalendar):
        a_calendar(plans=(WeekPlan(effective_from=MONDAY, hours={0: spans}),))


def test_hours_may_begin_when_others_end():
    after = Span(start=12 * HOUR, end=14 * HOUR)
    a_calendar(plans=(WeekPlan(effective_from=MONDAY, hours={0: (*MORNING, after)}),))
