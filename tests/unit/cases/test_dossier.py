"""A dossier's way from step to step: who holds it, what may be done when, and what of it is published."""

from dataclasses import replace
from uuid import uuid4

import pytest

from contracts.cases.dossiers import DossierStatus, StepStatus
from kernel.base.errors import Conflict
from tests.unit.cases.factories import (
    ABOVE,
    RECEIVER,
    a_content,
    a_counting,
    a_dossier,
    at,
    by,
)

COUNTING = a_counting()
RECEIVED = at("2026-08-10 07:30")
HEIR, HELPER = uuid4(), uuid4()


def morning(day):
    return at(f"2026-08-{day} 09:00")


def dossier():
    made = a_dossier(RECEIVED, COUNTING)
    made.drain()
    return made


def taken_to(made, seq):
    """On step `seq` and taken over there; handed over at nine on days that follow one another."""
    for day, step in enumerate(range(made.step_seq, seq), start=10):
        made.hand_over(step, COUNTING, by(morning(day)))
        made.acknowledge(step + 1, by(morning(day)))
    made.drain()
    return made


def statuses(made):
    return [step.status.value for step in made.steps]


def step_clock(made, seq):
    [clock] = [each for each in made.step_clocks if each.seq == seq]
    return clock


# -- what it is ----------------------------------------------------------------------------------------


def test_only_a_result_is_in_time_or_late_and_without_a_due_time_it_is_in_time():
    made = dossier()
    due = made.due_at
    assert made.on_time is None
    made.status, made.ended_at = DossierStatus.FINISHED, due
    assert made.on_time is True
    made.ended_at = morning(31)
    assert made.on_time is False
    made.due_at = None
    assert made.on_time is True
    made.status = DossierStatus.STOPPED
    assert made.on_time is None


def test_everybody_who_has_to_do_with_it_is_a_party_once_with_all_they_are():
    made = dossier()
    made.competent_agency_id = ABOVE
    made.supporting, made.coordinating = [HELPER, RECEIVER], [HELPER]
    assert made.parties == {
        RECEIVER: ["receiving", "supporting", "step"],
        ABOVE: ["competent", "step"],
        HELPER: ["supporting", "coordinating"],
    }


def test_it_is_held_by_the_agency_of_its_step_and_without_steps_by_who_answers_for_it():
    assert taken_to(dossier(), 4).holder_agency_id == ABOVE
    made = a_dossier(RECEIVED, COUNTING, a_content(steps=[]))
    made.competent_agency_id = ABOVE
    assert made.holder_agency_id == ABOVE
    made.continued = {ABOVE: HEIR}
    assert made.holder_agency_id == HEIR


def test_who_saw_it_since_the_last_act_may_act_though_the_sweep_published_something():
    made = dossier()
    made.version, made.acted_version = 7, 5
    assert [made.is_as_seen(version) for version in (4, 5, 6, 7, 8)] == [False, True, True, True, False]


def test_an_act_makes_the_version_it_leads_to_the_one_to_have_seen():
    made = taken_to(dossier(), 2)
    made.version = 7
    made.look(morning(28))
    assert made.acted_version < 7
    made.pause("supplement", None, COUNTING, by(morning(28)))
    assert made.acted_version == 8


# -- from step to step ---------------------------------------------------------------------------------


def test_the_receiver_takes_up_the_first_step_itself_and_anothers_is_put_before_it():
    own = dossier()
    assert statuses(own) == ["in_progress", "waiting", "waiting", "waiting", "waiting"]
    assert own.steps[0].acknowledged_at == RECEIVED
    steps = [step if step.seq > 1 else replace(step, agency_id=ABOVE) for step in dossier().steps]
    anothers = a_dossier(RECEIVED, COUNTING)
    anothers.steps, anothers.clock = tuple(steps), None
    anothers.begin(COUNTING, by(RECEIVED))
    assert anothers.steps[0].status is StepStatus.HANDED_OVER
    assert (anothers.steps[0].handed_over_at, anothers.steps[0].officer_id) == (RECEIVED, None)


def test_a_hand_over_ends_the_step_and_puts_the_next_before_its_agency():
    made = dossier()
    made.hand_over(1, COUNTING, by(morning(10)))
    assert (made.step_seq, statuses(made)[:3]) == (2, ["done", "handed_over", "waiting"])
    assert (made.steps[0].done_at, made.steps[1].handed_over_at) == (morning(10), morning(10))
    with pytest.raises(Conflict, match="hand_over_not_acknowledged"):
        made.hand_over(2, COUNTING, by(morning(11)))
    officer = by(morning(11))
    made.acknowledge(2, officer)
    step = made.current
    assert (step.status, step.acknowledged_at) == (StepStatus.IN_PROGRESS, morning(11))
    assert (step.officer_id, step.position_id) == (officer.person_id, officer.position_id)
    with pytest.raises(Conflict, match="nothing_to_acknowledge"):
        made.acknowledge(2, officer)


def test_the_last_step_is_finished_and_not_handed_over():
    made = taken_to(dossier(), 5)
    with pytest.raises(Conflict, match="last_step_is_finished"):
        made.hand_over(5, COUNTING, by(morning(15)))
    made.finish(by(morning(15)))
    assert (made.status, made.finished_at) == (DossierStatus.FINISHED, morning(15))
    assert (made.steps[4].status, made.steps[4].done_at) == (StepStatus.DONE, morning(15))
    assert not step_clock(made, 5).runs


def test_a_result_needs_every_step_before_it():
    made = taken_to(dossier(), 4)
    with pytest.raises(Conflict, match="steps_remain"):
        made.finish(by(morning(14)))
    made.hand_over(4, COUNTING, by(morning(14)))
    with pytest.raises(Conflict, match="hand_over_not_acknowledged"):
        made.finish(by(morning(14)))


def test_the_clock_of_a_step_stops_with_it_and_one_that_is_shared_runs_on():
    made = taken_to(dossier(), 2)
    assert (step_clock(made, 1).runs, step_clock(made, 2).runs) == (False, True)
    due = step_clock(made, 2).due_at
    # Handed over at 09:00 of the 10th, five working days: 09:00 of the 17th, a weekend between.
    assert due == morning(17)
    taken_to(made, 3)
    assert (step_clock(made, 2).runs, step_clock(made, 2).due_at) == (True, due)
    taken_to(made, 4)
    assert (step_clock(made, 2).runs, step_clock(made, 4).runs) == (False, True)


def test_it_returns_to_the_step_the_procedure_names_with_the_time_that_was_left():
    made = taken_to(dossier(), 4)
    made.continued = {RECEIVER: HEIR}
    made.send_back(4, COUNTING, by(morning(14)))
    assert (made.step_seq, statuses(made)) == (2, ["done", "handed_over", "waiting", "waiting", "waiting"])
    assert [step.agency_id for step in made.steps] == [RECEIVER, HEIR, HEIR, ABOVE, RECEIVER]
    assert [step.officer_id for step in made.steps[1:4]] == [None] * 3
    assert [step.done_at for step in made.steps[1:4]] == [None] * 3
    # Its five days ran from the 10th to the 12th: two are used, three run from the 14th on.
    assert (step_clock(made, 4).runs, step_clock(made, 2).due_at) == (False, morning(19))


def test_nobody_sends_back_where_the_procedure_names_no_return_or_none_that_is_there():
    made = taken_to(dossier(), 3)
    with pytest.raises(Conflict, match="step_has_no_return"):
        made.send_back(3, COUNTING, by(morning(14)))
    nowhere = taken_to(dossier(), 4)
    nowhere.steps = tuple(replace(step, returns_to=step.returns_to and "B9") for step in nowhere.steps)
    with pytest.raises(Conflict, match="step_has_no_return"):
        nowhere.send_back(4, COUNTING, by(morning(14)))


def test_another_officer_goes_on_with_what_was_taken_up_and_the_clock_runs_on():
    made, officer, position = taken_to(dossier(), 2), uuid4(), uuid4()
    before = (step_clock(made, 2), made.current.acknowledged_at)
    made.pass_on(officer, position)
    assert (made.current.officer_id, made.current.position_id) == (officer, position)
    assert (step_clock(made, 2), made.current.acknowledged_at) == before
    assert made.current.status is StepStatus.IN_PROGRESS
    made.hand_over(2, COUNTING, by(morning(12)))
    with pytest.raises(Conflict, match="nothing_to_acknowledge"):
        made.pass_on(officer, position)
    with pytest.raises(Conflict, match="nothing_to_acknowledge"):
        a_dossier(RECEIVED, COUNTING, a_content(steps=[])).pass_on(officer, position)


def test_a_step_that_is_not_the_current_one_is_left_alone():
    made = taken_to(dossier(), 2)
    for seq in (1, 3):
        for act in (
            lambda seq=seq: made.hand_over(seq, COUNTING, by(morning(12))),
            lambda seq=seq: made.acknowledge(seq, by(morning(12))),
        ):
            with pytest.raises(Conflict, match="step_is_not_current"):
                act()
    with pytest.raises(Conflict, match="dossier_has_no_steps"):
        a_dossier(RECEIVED, COUNTING, a_content(steps=[])).hand_over(1, COUNTING, by(morning(12)))


# -- pauses and ends -----------------------------------------------------------------------------------


def test_a_pause_holds_both_clocks_and_they_run_on_with_what_was_left():
    made = dossier()
    made.pause("supplement", "thiếu bản sao", COUNTING, by(at("2026-08-10 08:30")))
    assert (made.status, made.due_at, made.next_moment) == (DossierStatus.PAUSED, None, None)
    assert not made.clock.runs
    assert not step_clock(made, 1).runs
    made.resume(None, COUNTING, by(at("2026-08-11 08:30")))
    assert made.status is DossierStatus.PROCESSING
    # Half a working day of which an hour was used: three more from 08:30 on.
    assert step_clock(made, 1).due_at == at("2026-08-11 11:30")
    # Ten days end on Friday the 21st; a day more is Saturday the 22nd, worked in place of Monday the 31st.
    assert made.due_at == made.clock.due_at == at("2026-08-22 17:30")


def test_a_pause_keeps_its_note_unless_its_end_says_another():
    for said, kept in ((None, "thiếu bản sao"), ("đã bổ sung", "đã bổ sung")):
        made = dossier()
        made.pause("supplement", "thiếu bản sao", COUNTING, by(morning(10)))
        made.resume(said, COUNTING, by(morning(11)))
        [pause] = made.pauses
        assert (pause.note, pause.paused_at, pause.resumed_at) == (kept, morning(10), morning(11))


def test_of_several_pauses_the_last_is_the_one_that_ends():
    made = dossier()
    for day in (10, 12):
        made.pause("supplement", None, COUNTING, by(morning(day)))
        made.resume(None, COUNTING, by(morning(day + 1)))
    assert [(each.paused_at, each.resumed_at) for each in made.pauses] == [
        (morning(10), morning(11)),
        (morning(12), morning(13)),
    ]


def test_nothing_goes_on_while_it_pauses_or_after_it_ended():
    paused, ended = dossier(), taken_to(dossier(), 5)
    paused.pause("supplement", None, COUNTING, by(morning(10)))
    ended.finish(by(morning(15)))
    for made, code in ((paused, "dossier_is_paused"), (ended, "dossier_has_ended")):
        for act in (
            lambda made=made: made.hand_over(made.step_seq, COUNTING, by(morning(17))),
            lambda made=made: made.acknowledge(made.step_seq, by(morning(17))),
            lambda made=made: made.send_back(made.step_seq, COUNTING, by(morning(17))),
            lambda made=made: made.finish(by(morning(17))),
        ):
            with pytest.raises(Conflict, match=code):
                act()
    with pytest.raises(Conflict, match="already_paused"):
        paused.pause("supplement", None, COUNTING, by(morning(11)))
    with pytest.raises(Conflict, match="not_paused"):
        ended.resume(None, COUNTING, by(morning(17)))
    with pytest.raises(Conflict, match="dossier_has_ended"):
        ended.stop(by(morning(17)))


def test_it_may_be_stopped_while_it_pauses_and_has_no_result_then():
    made = dossier()
    made.pause("supplement", None, COUNTING, by(morning(10)))
    made.stop(by(morning(11)))
    assert (made.status, made.finished_at, made.on_time) == (DossierStatus.STOPPED, morning(11), None)
