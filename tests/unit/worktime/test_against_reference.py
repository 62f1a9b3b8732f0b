"""The quick arithmetic equals a slow and obvious one that walks minute by minute, over ten years."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from worktime import arithmetic, vietnam
from worktime.arithmetic import SegmentKind
from worktime.calendar import Calendar, DayKind, Span, SpecialDay, WeekPlan

MINUTE = timedelta(minutes=1)
START, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2029, 12, 1, tzinfo=UTC)

HALF_SATURDAYS = WeekPlan(
    effective_from=datetime(2020, 1, 1).date(),
    hours={
        **{day: (Span.of("07:00", "11:30"), Span.of("13:00", "16:30")) for day in range(5)},
        5: (Span.of("07:00", "11:30"),),
    },
)
CALENDARS = (vietnam.calendar(range(2020, 2031)), vietnam.calendar(range(2020, 2031), HALF_SATURDAYS))

moments = st.integers(0, int((END - START) / MINUTE)).map(lambda n: START + n * MINUTE)
short = st.integers(0, 5 * 8 * 60).map(lambda n: n * MINUTE)
calendars = st.sampled_from(CALENDARS)


def open_during(calendar: Calendar, minute: datetime) -> bool:
    """Whether the office is open during the minute that begins then: read off the calendar, nothing else."""
    there = minute.astimezone(calendar.zone)
    second = there.hour * 3600 + there.minute * 60
    return any(span.start <= second < span.end for span in calendar.hours_on(there.date()))


def slow_between(calendar, start, end):
    worked, minute = timedelta(), start
    while minute < end:
        worked += MINUTE if open_during(calendar, minute) else timedelta()
        minute += MINUTE
    return worked


def slow_add(calendar, start, amount):
    minute = start
    while amount:
        amount -= MINUTE if open_during(calendar, minute) else timedelta()
        minute += MINUTE
    return minute


def slow_next(calendar, moment):
    while not open_during(calendar, moment):
        moment += MINUTE
    return moment


@settings(max_examples=60, deadline=None)
@given(calendars, moments, short)
def test_adding_equals_walking(calendar, start, amount):
    assert arithmetic.add(calendar, start, amount) == slow_add(calendar, start, amount)


@settings(max_examples=60, deadline=None)
@given(calendars, moments, st.integers(0, 20 * 24 * 60))
def test_measuring_equals_walking(calendar, start, minutes):
    end = start + minutes * MINUTE
    assert arithmetic.between(calendar, start, end) == slow_between(calendar, start, end)


@settings(max_examples=100, deadline=None)
@given(calendars, moments)
def test_the_next_working_moment_equals_walking(calendar, moment):
    assert arithmetic.next_working(calendar, moment) == slow_next(calendar, moment)


@settings(max_examples=300, deadline=None)
@given(calendars, moments, st.integers(0, 2 * 365 * 8 * 60).map(lambda n: n * MINUTE))
def test_what_was_added_is_measured_again(calendar, start, amount):
    assert arithmetic.between(calendar, start, arithmetic.add(calendar, start, amount)) == amount


@settings(max_examples=100, deadline=None)
@given(calendars, moments, moments, moments)
def test_stretches_add_up(calendar, a, b, c):
    whole = arithmetic.between(calendar, a, c)
    assert arithmetic.between(calendar, a, b) + arithmetic.between(calendar, b, c) == whole


@settings(max_examples=60, deadline=None)
@given(calendars, moments, st.integers(1, 60 * 24 * 60))
def test_segments_cover_the_stretch_and_add_up_exactly(calendar, start, minutes):
    end = start + minutes * MINUTE
    segments = arithmetic.explain(calendar, start, end)
    assert (segments[0].start, segments[-1].end) == (start, end)
    assert all(one.end == other.start for one, other in itertools.pairwise(segments))
    worked = sum((segment.worked for segment in segments), timedelta())
    assert worked == arithmetic.between(calendar, start, end)
    assert all(
        one.kind != other.kind or one.reason != other.reason for one, other in itertools.pairwise(segments)
    )


def test_a_special_day_says_its_reason_and_notice():
    calendar = CALENDARS[0]
    start = datetime(2026, 8, 28, 10, tzinfo=calendar.zone)
    segments = arithmetic.explain(calendar, start, start + timedelta(days=6))
    special = [s for s in segments if s.kind is SegmentKind.SPECIAL_DAY_OFF]
    assert special[0].notice == "9441/TB-BNV"
    assert special[0].start.date().isoformat() == "2026-08-31"


def test_a_half_day_off_counts_its_other_half():
    morning = (Span.of("07:30", "11:30"),)
    day = SpecialDay(
        day=datetime(2026, 3, 2).date(), kind=DayKind.OFF, reason="Nghỉ buổi chiều", hours=morning
    )
    plain = vietnam.calendar([2026])
    calendar = Calendar(name="x", version=1, weeks=plain.weeks, special=(day,))
    start = datetime(2026, 3, 2, 0, tzinfo=calendar.zone)
    assert arithmetic.between(calendar, start, start + timedelta(days=1)) == timedelta(hours=4)
