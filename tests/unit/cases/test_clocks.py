"""Due times of a dossier: as worktime counts them, with pauses, calendar days and what a step shares."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent
from kernel.base.errors import Invalid
from services.cases import rules
from services.cases.clocks.domain import Clock, seconds_of, years
from services.cases.deadlines import domain as explanation
from services.cases.dossiers.domain import step as steps
from tests.unit.cases.factories import (
    ABOVE,
    BLOCK,
    RECEIVER,
    a_clock,
    a_content,
    a_counting,
    a_dossier,
    at,
    by,
    working,
)
from worktime.deadline import RollOver, deadline

COUNTING = a_counting()
moments = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minute: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
durations = st.builds(
    Duration,
    amount=st.integers(1, 60).map(lambda halves: halves / 2),
    unit=st.sampled_from([DurationUnit.WORKING_DAY, DurationUnit.WORKING_HOUR, DurationUnit.CALENDAR_DAY]),
)


@settings(max_examples=200, deadline=None)
@given(moments, durations)
def test_without_a_pause_the_due_time_is_the_one_worktime_counts(received_at, duration):
    clock = Clock.of(0, duration, 8)
    assert clock is not None
    counted = deadline(COUNTING.calendar, COUNTING.rules, received_at, duration)
    assert clock.start(COUNTING, COUNTING.begins(received_at)).due_at == counted.due_at


@settings(max_examples=200, deadline=None)
@given(moments, durations, st.lists(st.integers(0, 20_000), min_size=2, max_size=6))
def test_however_it_is_paused_what_is_counted_and_what_remains_is_the_allowed_time(
    received_at, duration, waits
):
    dossier = a_dossier(received_at, COUNTING, ProcedureContent(legal_time=duration))
    now = received_at
    for minutes in waits:
        now += timedelta(minutes=minutes)
        if dossier.pauses and dossier.pauses[-1].resumed_at is None:
            dossier.resume(None, COUNTING, by(now))
        else:
            dossier.pause("supplement", None, COUNTING, by(now))
    assert dossier.clock is not None
    found = explanation.pieces(dossier.clock, dossier.pauses, received_at, dossier.counts_from, COUNTING)
    counted = sum(piece.counted_seconds for piece in found)
    if dossier.due_at is None:
        assert counted == dossier.clock.used(COUNTING, now) <= dossier.clock.seconds
    else:
        assert counted == dossier.clock.seconds
        assert found[-1].end == dossier.due_at


def test_calendar_days_run_over_the_weekend_and_roll_over_at_its_end():
    three = Duration(amount=3, unit=DurationUnit.CALENDAR_DAY)
    clock = Clock.of(0, three, 8)
    assert clock is not None
    friday = at("2026-08-14 09:00")
    assert clock.start(COUNTING, at("2026-08-13 09:00")).due_at == at("2026-08-17 07:30")
    assert clock.start(COUNTING, friday).due_at == at("2026-08-17 09:00")
    stays = replace(COUNTING, rules=replace(COUNTING.rules, roll_over=RollOver.STAYS))
    assert clock.start(stays, at("2026-08-13 09:00")).due_at == at("2026-08-16 09:00")


def test_office_hours_and_no_duration_have_no_clock():
    assert Clock.of(1, None, 8) is None
    assert Clock.of(1, Duration(amount=0, unit=DurationUnit.OFFICE_HOURS), 8) is None


@pytest.mark.parametrize(
    ("amount", "unit", "hours"),
    [
        (2, DurationUnit.WORKING_DAY, 16),
        (0.5, DurationUnit.WORKING_DAY, 4),
        (3, DurationUnit.WORKING_HOUR, 3),
        (2, DurationUnit.CALENDAR_DAY, 48),
        (1, DurationUnit.OFFICE_HOURS, 0),
    ],
)
def test_a_duration_is_as_long_as_its_unit_says(amount, unit, hours):
    assert seconds_of(Duration(amount=amount, unit=unit), 8) == hours * 3600


def test_what_is_used_up_the_moment_it_stops_stays_used_up():
    morning, evening = at("2026-08-10 07:30"), at("2026-08-10 17:30")
    stopped = a_clock(working(1)).start(COUNTING, morning).stop(COUNTING, evening)
    assert stopped.due_at == evening
    assert stopped.start(COUNTING, at("2026-08-12 08:30")).due_at == evening
    short = a_clock(working(1)).start(COUNTING, morning).stop(COUNTING, at("2026-08-10 17:29"))
    assert short.due_at is None
    assert short.start(COUNTING, at("2026-08-12 08:30")).due_at == at("2026-08-12 08:31")


def test_what_ends_before_it_begins_counts_nothing():
    later, earlier = at("2026-08-10 10:30"), at("2026-08-10 09:30")
    for is_working in (True, False):
        assert COUNTING.elapsed(later, earlier, is_working=is_working) == 0
        assert COUNTING.elapsed(earlier, later, is_working=is_working) == 3600
    held = a_clock(working(1)).start(COUNTING, later).stop(COUNTING, earlier)
    assert [(each.start, each.end) for each in held.stretches] == [(later, later)]


def test_a_due_time_another_system_set_is_neither_held_nor_moved():
    due = at("2026-08-20 09:00")
    clock = a_clock(working(1)).start(COUNTING, at("2026-08-10 07:30")).given(due)
    assert (clock.runs, clock.due_at, clock.nearing_at, clock.stretches) == (True, due, None, ())
    assert clock.stop(COUNTING, at("2026-08-11 09:00")) == clock
    assert clock.leave(at("2026-08-11 09:00")) == clock
    assert clock.next_moment == due
    assert replace(clock, told_overdue=True).next_moment is None


def test_a_clock_that_has_not_begun_does_not_run_and_one_left_keeps_its_due_time():
    clock = a_clock(working(1))
    assert (clock.runs, clock.due_at, clock.next_moment) == (False, None, None)
    running = clock.start(COUNTING, at("2026-08-10 07:30"))
    left = running.leave(at("2026-08-10 09:30"))
    assert (running.runs, left.runs, left.due_at) == (True, False, at("2026-08-10 17:30"))
    assert left.leave(at("2026-08-10 10:30")) == left
    assert left.used(COUNTING, at("2026-08-11 09:30")) == 2 * 3600


def test_years_no_notice_has_confirmed_are_named_from_the_first_to_the_last_day():
    confirmed = replace(
        COUNTING, calendar=replace(COUNTING.calendar, confirmed_years=frozenset({2025, 2026}))
    )
    december, january = at("2026-12-31 09:00"), at("2027-01-04 09:00")
    assert years(confirmed, december, december) == []
    assert years(confirmed, december, january) == [2027]
    assert years(confirmed, january, at("2028-01-03 09:00")) == [2027, 2028]
    # 18:00 in UTC is one o'clock of New Year's Day in Vietnam.
    assert years(confirmed, december, datetime(2026, 12, 31, 18, tzinfo=UTC)) == [2027]


def test_a_block_that_is_not_mapped_is_done_by_the_receiving_agency():
    assert [step.agency_id for step in steps.copied(a_content(), RECEIVER, {})] == [RECEIVER] * 5
    mapped = steps.copied(a_content(), RECEIVER, {BLOCK: ABOVE})
    assert [step.agency_id for step in mapped] == [RECEIVER] * 3 + [ABOVE, RECEIVER]
    with pytest.raises(Invalid) as refused:
        steps.copied(a_content(), RECEIVER, {"Bộ": ABOVE})
    assert refused.value.code == "block_unknown"


def test_a_block_without_a_name_is_none_and_gives_nobody_the_steps_without_one():
    unnamed = a_content()
    unnamed.steps[3].block = ""
    with pytest.raises(Invalid, match="block_unknown"):
        steps.copied(unnamed, RECEIVER, {"": ABOVE})


def test_a_dossier_has_the_legal_time_and_without_one_the_time_of_its_steps():
    content = a_content()
    assert [each.amount for each in steps.allowed(content)] == [10]
    content.legal_time = None
    # Step 3 has no duration of its own.
    assert [each.amount for each in steps.allowed(content)] == [0.5, 5, 3, 1.5]


def test_the_warning_comes_a_fifth_before_the_end_and_at_most_a_working_day_ahead():
    dossier = a_dossier(at("2026-08-10 07:30"), COUNTING)
    assert dossier.clock is not None
    assert dossier.clock.nearing_at == at("2026-08-20 17:30")
    first = dossier.step_clocks[0]
    assert (first.due_at, first.nearing_at) == (at("2026-08-10 11:30"), at("2026-08-10 10:42"))


def test_the_rules_in_force_are_a_question_of_the_day():
    rule = rules.counting(at("2026-08-10 07:30").date())
    assert (rule.cut_off.hour, rule.hours_per_day) == (15, 8)
    assert "supplement" in rules.pause_reasons(at("2026-08-10 07:30").date())
    with pytest.raises(Invalid) as refused:
        rules.counting(datetime(1980, 1, 1, tzinfo=UTC).date())
    assert refused.value.code == "received_before_any_rule"
