"""Vietnam's days off and make-up days, one by one, against what the notices say."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from contracts.documents.procedures import Duration, DurationUnit
from worktime import vietnam
from worktime.calendar import BadCalendar, Calendar, DayKind, Span, SpecialDay, WeekPlan
from worktime.deadline import RollOver, Rules, deadline

REAL = Path(__file__).parents[4] / "shared" / "data" / "calendars" / "vn-2024-2026.json"
VN = vietnam.calendar(range(2024, 2028))
RULES = Rules(effective_from=date(2025, 7, 1), basis="NĐ 118/2025/NĐ-CP")
UNITS = {
    "ngày": DurationUnit.WORKING_DAY,
    "giờ": DurationUnit.WORKING_HOUR,
    "lịch": DurationUnit.CALENDAR_DAY,
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN.zone)


def due(received: str, amount: float, unit: str, rules: Rules = RULES) -> str:
    found = deadline(VN, rules, at(received), Duration(amount=amount, unit=UNITS[unit]))
    return found.due_at.astimezone(VN.zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.skipif(not REAL.exists(), reason="the announced days lie beside the repository, not in it")
def test_every_day_of_three_years_is_as_announced():
    raw = json.loads(REAL.read_text("utf-8"))
    off, make_up = set(raw["off"]), set(raw["make_up"])
    day = date(2024, 1, 1)
    while day <= date(2026, 12, 31):
        text = day.isoformat()
        worked = text in make_up or (day.weekday() < 5 and text not in off)
        assert bool(VN.hours_on(day)) == worked, text
        day += timedelta(days=1)


# Worked out by hand with a wall calendar; hours 07:30–11:30 and 13:30–17:30, eight a day.
BY_HAND = [
    # an ordinary week of March 2026 (Monday is the 2nd)
    ("2026-03-02 07:30", 1, "ngày", "2026-03-02 17:30"),
    ("2026-03-02 08:00", 1, "ngày", "2026-03-03 08:00"),
    ("2026-03-02 10:00", 0.5, "ngày", "2026-03-02 16:00"),
    ("2026-03-02 14:00", 0.5, "ngày", "2026-03-03 08:00"),
    ("2026-03-02 11:30", 1, "giờ", "2026-03-02 14:30"),
    ("2026-03-02 12:00", 1, "giờ", "2026-03-02 14:30"),
    ("2026-03-02 17:30", 1, "giờ", "2026-03-03 08:30"),
    ("2026-03-06 16:30", 2, "giờ", "2026-03-09 08:30"),
    ("2026-03-07 09:00", 1, "ngày", "2026-03-09 17:30"),
    ("2026-03-02 07:30", 5, "ngày", "2026-03-06 17:30"),
    ("2026-03-02 07:31", 5, "ngày", "2026-03-09 07:31"),
    # New Year 2026: Thu 1 Jan and Fri 2 Jan off, Sat 10 Jan worked
    ("2025-12-31 08:00", 1, "ngày", "2026-01-05 08:00"),
    ("2025-12-31 08:00", 5, "ngày", "2026-01-09 08:00"),
    ("2025-12-31 08:00", 6, "ngày", "2026-01-10 08:00"),
    ("2025-12-31 08:00", 7, "ngày", "2026-01-12 08:00"),
    ("2026-01-09 13:30", 1, "ngày", "2026-01-10 11:30"),
    ("2026-01-10 07:30", 1, "ngày", "2026-01-10 17:30"),
    ("2026-01-02 09:00", 2, "giờ", "2026-01-05 09:30"),
    # Tết 2026: Mon 16 to Fri 20 February off
    ("2026-02-13 08:00", 1, "ngày", "2026-02-23 08:00"),
    ("2026-02-13 17:30", 1, "ngày", "2026-02-23 17:30"),
    ("2026-02-12 13:30", 2, "ngày", "2026-02-23 11:30"),
    ("2026-02-10 08:00", 10, "ngày", "2026-03-03 08:00"),
    ("2026-02-18 10:00", 0.5, "ngày", "2026-02-23 11:30"),
    # Giỗ Tổ 2026: the day is Sunday 26 April, Monday the 27th is off in its place
    ("2026-04-24 08:00", 1, "ngày", "2026-04-28 08:00"),
    ("2026-04-24 15:30", 4, "giờ", "2026-04-28 09:30"),
    # 30 April (Thu) and 1 May (Fri) 2026
    ("2026-04-29 08:00", 1, "ngày", "2026-05-04 08:00"),
    ("2026-04-24 08:00", 4, "ngày", "2026-05-05 08:00"),
    ("2026-04-29 16:30", 2, "giờ", "2026-05-04 08:30"),
    # 2 September 2026: Mon 31 August to Wed 2 September off, Sat 22 August worked
    ("2026-08-21 08:00", 1, "ngày", "2026-08-22 08:00"),
    ("2026-08-21 08:00", 2, "ngày", "2026-08-24 08:00"),
    ("2026-08-22 13:30", 4, "giờ", "2026-08-22 17:30"),
    ("2026-08-22 13:30", 5, "giờ", "2026-08-24 08:30"),
    ("2026-08-28 08:00", 1, "ngày", "2026-09-03 08:00"),
    ("2026-08-28 17:00", 1, "giờ", "2026-09-03 08:00"),
    ("2026-08-12 08:00", 30, "ngày", "2026-09-25 08:00"),
    ("2026-08-10 07:30", 20, "ngày", "2026-09-08 17:30"),
    ("2026-09-01 08:00", 1, "ngày", "2026-09-03 17:30"),
    # 24 November 2026, a Tuesday
    ("2026-11-23 08:00", 1, "ngày", "2026-11-25 08:00"),
    ("2026-11-20 13:30", 3, "ngày", "2026-11-26 11:30"),
    # Tết 2025: Mon 27 to Fri 31 January off
    ("2025-01-24 08:00", 1, "ngày", "2025-02-03 08:00"),
    ("2025-01-22 08:00", 5, "ngày", "2025-02-05 08:00"),
    ("2025-01-29 08:00", 1, "giờ", "2025-02-03 08:30"),
    # Giỗ Tổ 2025: Monday 7 April
    ("2025-04-04 08:00", 1, "ngày", "2025-04-08 08:00"),
    # 30 April 2025 (Wed), 1 and 2 May off, Sat 26 April worked
    ("2025-04-25 08:00", 1, "ngày", "2025-04-26 08:00"),
    ("2025-04-26 08:00", 1, "ngày", "2025-04-28 08:00"),
    ("2025-04-29 08:00", 1, "ngày", "2025-05-05 08:00"),
    ("2025-04-25 08:00", 5, "ngày", "2025-05-06 08:00"),
    # 2 September 2025: Mon 1 and Tue 2 off
    ("2025-08-29 08:00", 1, "ngày", "2025-09-03 08:00"),
    ("2025-08-28 13:30", 2, "ngày", "2025-09-03 11:30"),
    # Tết 2024: Thu 8, Fri 9, Mon 12 to Wed 14 February off
    ("2024-02-07 08:00", 1, "ngày", "2024-02-15 08:00"),
    ("2024-02-06 08:00", 3, "ngày", "2024-02-16 08:00"),
    ("2024-02-10 08:00", 1, "ngày", "2024-02-15 17:30"),
    # Giỗ Tổ 2024: Thursday 18 April
    ("2024-04-17 08:00", 1, "ngày", "2024-04-19 08:00"),
    # 29 and 30 April and 1 May 2024 off, Sat 4 May worked
    ("2024-04-26 08:00", 1, "ngày", "2024-05-02 08:00"),
    ("2024-05-03 08:00", 1, "ngày", "2024-05-04 08:00"),
    ("2024-05-03 08:00", 2, "ngày", "2024-05-06 08:00"),
    ("2024-04-26 16:30", 1.5, "giờ", "2024-05-02 08:00"),
    # 2 and 3 September 2024 off
    ("2024-08-30 08:00", 1, "ngày", "2024-09-04 08:00"),
    # calendar days, rolled over where nobody works
    ("2026-03-02 09:00", 3, "lịch", "2026-03-05 09:00"),
    ("2026-03-02 09:00", 5, "lịch", "2026-03-09 07:30"),
    ("2026-02-13 09:00", 3, "lịch", "2026-02-23 07:30"),
    ("2026-08-28 16:00", 5, "lịch", "2026-09-03 07:30"),
    ("2026-08-17 10:00", 5, "lịch", "2026-08-22 10:00"),
]


def test_there_are_sixty_of_them():
    assert len(BY_HAND) >= 60


@pytest.mark.parametrize(("received", "amount", "unit", "expected"), BY_HAND)
def test_a_deadline_is_what_a_person_works_out(received, amount, unit, expected):
    assert due(received, amount, unit) == expected


CUT_OFF = Rules(effective_from=date(2025, 7, 1), basis="x", cut_off=time(15, 0))


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-03-02 14:59", "2026-03-03 14:59"),
        ("2026-03-02 15:00", "2026-03-03 17:30"),
        ("2026-03-06 16:00", "2026-03-09 17:30"),
        ("2026-08-21 15:30", "2026-08-22 17:30"),
        ("2026-08-28 15:30", "2026-09-03 17:30"),
    ],
)
def test_what_comes_after_the_cut_off_counts_from_the_next_working_day(received, expected):
    assert due(received, 1, "ngày", CUT_OFF) == expected


def test_a_due_moment_may_stay_where_it_falls():
    stays = Rules(effective_from=date(2025, 7, 1), basis="x", roll_over=RollOver.STAYS)
    assert due("2026-03-02 09:00", 5, "lịch", stays) == "2026-03-07 09:00"


def test_a_deadline_that_reaches_into_an_unconfirmed_year_says_so():
    found = deadline(VN, RULES, at("2026-12-20 08:00"), Duration(amount=15, unit=DurationUnit.WORKING_DAY))
    assert found.unconfirmed_years == (2027,)
    near = deadline(VN, RULES, at("2026-03-02 08:00"), Duration(amount=1, unit=DurationUnit.WORKING_DAY))
    assert near.unconfirmed_years == ()


def test_office_hours_are_due_at_once():
    found = deadline(VN, RULES, at("2026-03-02 08:00"), Duration(amount=0, unit=DurationUnit.OFFICE_HOURS))
    assert found.due_at == found.received_at


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: SpecialDay(day=date(2026, 3, 3), kind=DayKind.MAKE_UP, reason="thứ Ba"),
        lambda: WeekPlan(
            effective_from=date(2026, 1, 1), hours={0: (Span.of("07:30", "11:30"), Span.of("11:00", "17:00"))}
        ),
        lambda: WeekPlan(effective_from=date(2026, 1, 1), hours={0: (Span.of("11:30", "07:30"),)}),
        lambda: Calendar(name="x", version=1, weeks=()),
        lambda: Calendar(
            name="x",
            version=1,
            weeks=VN.weeks,
            special=(VN.special[0], VN.special[0]),
        ),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(BadCalendar):
        wrong()
