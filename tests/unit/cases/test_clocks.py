"""Due times of a dossier: as worktime counts them, with pauses, calendar days and what a step shares."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent
from kernel.base.errors import Invalid
from services.cases import rules
from services.cases.clocks.domain import Clock
from services.cases.deadlines import domain as explanation
from services.cases.dossiers.domain import step as steps
from tests.unit.cases.factories import ABOVE, BLOCK, RECEIVER, a_content, a_counting, a_dossier, at, by
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


def test_a_block_that_is_not_mapped_is_done_by_the_receiving_agency():
    assert [step.agency_id for step in steps.copied(a_content(), RECEIVER, {})] == [RECEIVER] * 5
    mapped = steps.copied(a_content(), RECEIVER, {BLOCK: ABOVE})
    assert [step.agency_id for step in mapped] == [RECEIVER] * 3 + [ABOVE, RECEIVER]
    with pytest.raises(Invalid) as refused:
        steps.copied(a_content(), RECEIVER, {"Bộ": ABOVE})
    assert refused.value.code == "block_unknown"


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
