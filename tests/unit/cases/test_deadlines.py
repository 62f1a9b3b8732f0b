"""How a due time came about, stretch by stretch, as a person reads it off a wall calendar."""

from datetime import datetime

import pytest

from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent
from services.cases.deadlines import explaining
from services.cases.deadlines.domain import pieces
from tests.unit.cases.factories import a_clock, a_content, a_counting, a_dossier, at, by, working

COUNTING = a_counting()
HOUR = 3600
MADE_UP = ("2026-08-22", "2026-01-10")


def explained(made, clock=None):
    """(kind, from, to, counted hours); of the days of the week the 10th of August 2026 is Monday."""
    found = pieces(clock or made.clock, made.pauses, made.received_at, made.counts_from, COUNTING)
    return [(each.kind, _read(each.start), _read(each.end), each.counted_seconds / HOUR) for each in found]


def _read(moment):
    return moment and moment.astimezone(COUNTING.calendar.zone).strftime("%d %H:%M")


def dossier(received, duration):
    return a_dossier(at(f"2026-08-{received}"), COUNTING, ProcedureContent(legal_time=duration))


def calendar_days(amount):
    return Duration(amount=amount, unit=DurationUnit.CALENDAR_DAY)


def test_a_day_is_its_hours_with_the_noon_between_them():
    assert explained(dossier("10 07:30", working(1))) == [
        ("worked", "10 07:30", "10 11:30", 4),
        ("outside_hours", "10 11:30", "10 13:30", 0),
        ("worked", "10 13:30", "10 17:30", 4),
    ]


def test_what_comes_after_the_cut_off_waits_for_the_next_morning():
    assert explained(dossier("10 16:00", working(0.5))) == [
        ("after_cut_off", "10 16:00", "10 17:30", 0),
        ("outside_hours", "10 17:30", "11 07:30", 0),
        ("worked", "11 07:30", "11 11:30", 4),
    ]


def test_what_comes_on_a_day_off_waits_for_the_next_working_day():
    assert explained(dossier("15 09:00", working(0.5)))[:2] == [
        ("day_off", "15 09:00", "17 00:00", 0),
        ("outside_hours", "17 00:00", "17 07:30", 0),
    ]


def test_calendar_days_are_one_stretch_and_what_falls_on_a_day_off_is_rolled_over():
    assert explained(dossier("11 09:00", calendar_days(3))) == [("counted", "11 09:00", "14 09:00", 72)]
    assert explained(dossier("13 09:00", calendar_days(3))) == [
        ("counted", "13 09:00", "16 09:00", 72),
        ("rolled_over", "16 09:00", "17 07:30", 0),
    ]


def paused(made, since, until=None):
    made.pause("supplement", None, COUNTING, by(at(f"2026-08-{since}")))
    if until:
        made.resume(None, COUNTING, by(at(f"2026-08-{until}")))
    return made


def test_a_pause_stands_between_and_one_that_lasts_has_no_end():
    made = paused(dossier("10 07:30", working(0.5)), "10 08:30", "11 09:30")
    assert explained(made) == [
        ("worked", "10 07:30", "10 08:30", 1),
        ("paused", "10 08:30", "11 09:30", 0),
        ("worked", "11 09:30", "11 11:30", 2),
        ("outside_hours", "11 11:30", "11 13:30", 0),
        ("worked", "11 13:30", "11 14:30", 1),
    ]
    found = pieces(made.clock, made.pauses, made.received_at, made.counts_from, COUNTING)
    assert [each.reason for each in found] == [None, "supplement", None, None, None]
    lasting = paused(dossier("10 07:30", working(0.5)), "10 08:30")
    assert explained(lasting)[1:] == [("paused", "10 08:30", None, 0)]


def test_a_pause_after_all_time_was_used_up_is_no_part_of_it():
    made = paused(dossier("10 07:30", working(0.5)), "11 08:30", "12 08:30")
    assert explained(made) == [("worked", "10 07:30", "10 11:30", 4)]


def test_a_pause_from_the_first_moment_on_leaves_nothing_counted_before_it():
    for duration, counted in ((calendar_days(1), 24), (working(0.5), 4)):
        made = paused(dossier("10 07:30", duration), "10 07:30", "11 07:30")
        first, *rest = explained(made)
        assert first == ("paused", "10 07:30", "11 07:30", 0)
        assert sum(hours for *_, hours in rest) == counted


def test_a_due_time_another_system_set_is_reached_from_the_receipt_on():
    made = dossier("10 16:00", working(5))
    given = a_clock(working(5)).given(at("2026-08-11 09:30"))
    assert explained(made, given) == [
        ("after_cut_off", "10 16:00", "10 17:30", 0),
        ("outside_hours", "10 17:30", "11 07:30", 0),
        ("worked", "11 07:30", "11 09:30", 2),
    ]


def test_a_holiday_says_its_name():
    # From Friday the 28th of August on: Monday to Wednesday are off for National Day.
    made = a_dossier(at("2026-08-28 07:30"), COUNTING, a_content(legal_time=working(2), steps=[]))
    found = pieces(made.clock, made.pauses, made.received_at, made.counts_from, COUNTING)
    assert "special_day_off" in {each.kind for each in found}
    assert all(each.reason for each in found if each.kind == "special_day_off")
    assert found[-1].end == made.due_at == at("2026-09-03 17:30")


@pytest.mark.parametrize("day", ["2026-08-22", "2026-01-10", "2026-08-21", "2026-09-02", "2026-02-17"])
@pytest.mark.parametrize("hour", ["07:30", "11:45", "15:00", "17:29", "18:00"])
def test_every_stretch_can_be_said_in_words_whenever_a_dossier_comes(day, hour):
    """Days that make up for one, ordinary ones and holidays; before, after and at the cut-off."""
    received = datetime.fromisoformat(f"{day}T{hour}+07:00")
    made = a_dossier(received, COUNTING, ProcedureContent(legal_time=working(2)))
    row = {
        "id": made.id,
        "clock": made.clock,
        "pauses": made.pauses,
        "received_at": received,
        "counts_from": made.counts_from,
    }
    said = explaining.explained(row, COUNTING, received).segments
    assert said[0].start == received
    assert all(each.vi and each.en for each in said)
    after = [each.vi for each in said if each.kind == "after_cut_off"]
    assert [("Làm bù" in each or "làm bù" in each) for each in after] == [day in MADE_UP for _ in after]
