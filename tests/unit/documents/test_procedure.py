"""Steps of a procedure: the sum against the legal time, shared durations, return paths."""

import json
from pathlib import Path

import pytest

from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent, ProcedureStep
from kernel.base.errors import Invalid
from services.documents import rules
from services.documents.procedures import domain as procedure

DAY, HOUR, CALENDAR = DurationUnit.WORKING_DAY, DurationUnit.WORKING_HOUR, DurationUnit.CALENDAR_DAY
REAL = Path(__file__).parents[4] / "shared" / "data" / "procedures" / "ha-noi-1594.json"


def step(seq, amount=None, unit=DAY, **more):
    duration = None if amount is None else Duration(amount=amount, unit=unit)
    given = {
        "seq": seq,
        "number": f"Bước {seq}",
        "responsible": "Chuyên viên",
        "content": "x",
        "duration": duration,
    }
    return ProcedureStep(**given | more)


def check(steps, legal=None):
    procedure.check(ProcedureContent(legal_time=legal, steps=steps), 8)


def test_a_shared_duration_counts_once_and_office_hours_count_nothing():
    steps = [
        step(1, 0.5),
        step(2, 7),
        step(3, shares_duration_of=2),
        step(4, 0, DurationUnit.OFFICE_HOURS),
    ]
    assert procedure.total(steps, 8) == Duration(amount=7.5, unit=DAY)
    check(steps, Duration(amount=7.5, unit=DAY))


def test_days_and_hours_add_up_by_the_measure_of_the_working_day():
    assert procedure.total([step(1, 2), step(2, 3, HOUR)], 8) == Duration(amount=19, unit=HOUR)
    check([step(1, 2), step(2, 8, HOUR)], Duration(amount=3, unit=DAY))


def test_steps_may_promise_less_than_the_law_allows_but_not_more():
    check([step(1, 10)], Duration(amount=20, unit=DAY))
    with pytest.raises(Invalid, match="steps_exceed_legal_time"):
        check([step(1, 20.5)], Duration(amount=20, unit=DAY))


@pytest.mark.parametrize(
    ("steps", "code", "field"),
    [
        ([step(2, 1)], "step_out_of_sequence", "procedure.steps.0.seq"),
        (
            [step(1, 1), step(2, shares_duration_of=3)],
            "step_shares_nothing",
            "procedure.steps.1.sharesDurationOf",
        ),
        (
            [step(1), step(2, shares_duration_of=1)],
            "step_shares_nothing",
            "procedure.steps.1.sharesDurationOf",
        ),
        (
            [step(1, 1), step(2, 1, shares_duration_of=1)],
            "step_has_two_durations",
            "procedure.steps.1.sharesDurationOf",
        ),
        ([step(1, 1, returns_to="Bước 9")], "step_returns_nowhere", "procedure.steps.0.returnsTo"),
        ([step(1, 1), step(2, 1, CALENDAR)], "step_units_mixed", "procedure.steps"),
    ],
)
def test_steps_that_contradict_each_other_are_refused(steps, code, field):
    with pytest.raises(Invalid) as caught:
        check(steps, Duration(amount=100, unit=DAY))
    assert (caught.value.code, caught.value.field) == (code, field)


def test_without_steps_or_durations_there_is_nothing_to_compare():
    legal = Duration(amount=1, unit=CALENDAR)
    check([], legal)
    check([step(1), step(2, 0, DurationUnit.OFFICE_HOURS)], legal)
    check([step(1, 500)])
    assert procedure.total([step(1)], 8) is None


def test_days_alone_stay_days_and_calendar_days_keep_their_own_measure():
    assert procedure.total([step(1, 2), step(2, 1)], 8) == Duration(amount=3, unit=DAY)
    assert procedure.total([step(1, 2, CALENDAR), step(2, 3, CALENDAR)], 8) == Duration(
        amount=5, unit=CALENDAR
    )
    check([step(1, 5, CALENDAR)], Duration(amount=5, unit=CALENDAR))
    with pytest.raises(Invalid, match="steps_exceed_legal_time"):
        check([step(1, 5.5, CALENDAR)], Duration(amount=5, unit=CALENDAR))
    # Seven hours and a half are less than a day of eight, nine are more.
    check([step(1, 7.5, HOUR)], Duration(amount=1, unit=DAY))
    with pytest.raises(Invalid, match="steps_exceed_legal_time"):
        check([step(1, 9, HOUR)], Duration(amount=1, unit=DAY))


def test_a_step_returns_to_one_before_it_and_shares_with_one_before_it():
    check([step(1, 1), step(2, 1, returns_to="Bước 1"), step(3, shares_duration_of=1)])
    with pytest.raises(Invalid, match="step_returns_nowhere") as refused:
        check([step(1, 1), step(2, 1, returns_to="Bước 2")])
    assert refused.value.field == "procedure.steps.1.returnsTo"
    for holder in (2, 0):
        with pytest.raises(Invalid, match="step_shares_nothing"):
            check([step(1, 1), step(2, shares_duration_of=holder)])


def test_steps_are_numbered_without_a_gap_from_one_on():
    check([step(1), step(2), step(3)])
    with pytest.raises(Invalid, match="step_out_of_sequence") as refused:
        check([step(1), step(3)])
    assert refused.value.field == "procedure.steps.1.seq"


def test_calendar_days_are_not_compared_with_working_days():
    with pytest.raises(Invalid, match="step_units_do_not_fit"):
        check([step(1, 5, CALENDAR)], Duration(amount=10, unit=DAY))


def test_the_working_day_is_data_with_a_date():
    from datetime import date

    assert rules.hours_per_day(date(2026, 8, 10)) == 8
    with pytest.raises(LookupError):
        rules.hours_per_day(date(1990, 1, 1))


@pytest.mark.skipif(not REAL.exists(), reason="the real decisions lie beside the repository, not in it")
def test_the_steps_of_two_real_procedures_add_up_to_their_legal_time():
    for raw in json.loads(REAL.read_text("utf-8"))["procedures"]:
        steps = [
            step(s["seq"], s["duration"]["amount"] if s["duration"] and s["duration"]["amount"] else None)
            for s in raw["steps"]
        ]
        legal = Duration(amount=raw["legal_time"]["amount"], unit=DAY)
        assert procedure.total(steps, 8) == legal
        assert procedure.in_hours(legal, 8) == 240
