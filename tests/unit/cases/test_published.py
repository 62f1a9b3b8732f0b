"""What events of a dossier hold: whose business a late clock is, and that the applicant stays unnamed."""

from dataclasses import replace
from uuid import uuid4

from contracts.cases.dossiers import Scope
from contracts.cases.events import DossierFinished, DossierNearing, DossierOverdue
from services.cases.dossiers.domain import published
from tests.unit.cases.factories import ABOVE, RECEIVER, a_content, a_counting, a_dossier, at, by, working

COUNTING = a_counting()
RECEIVED = at("2026-08-10 07:30")
DUE, NOW = at("2026-08-21 17:00"), at("2026-08-24 09:00")
BROUGHT = uuid4()


def dossier(**changes):
    made = a_dossier(RECEIVED, COUNTING)
    for name, value in changes.items():
        setattr(made, name, value)
    made.drain()
    return made


def with_the_step_of(agency_id):
    """At step 1, which that agency has taken over."""
    officer = uuid4()
    made = dossier()
    made.steps = (replace(made.steps[0], agency_id=agency_id, officer_id=officer), *made.steps[1:])
    return made, officer


def test_a_late_dossier_is_a_matter_of_who_answers_for_it_and_a_late_step_of_who_does_it():
    made, officer = with_the_step_of(ABOVE)
    whole = published.overdue(made, made.clock, DUE, NOW)
    assert (whole.scope, whole.agency_id, whole.step_seq) == (Scope.DOSSIER, RECEIVER, 1)
    step = published.overdue(made, made.step_clocks[0], DUE, NOW)
    assert (step.scope, step.agency_id, step.officer_id) == (Scope.STEP, ABOVE, officer)
    assert (step.step_number, step.due_at, step.occurred_at) == ("B1", DUE, NOW)


def test_what_nears_its_time_is_a_matter_of_who_holds_it():
    made, officer = with_the_step_of(ABOVE)
    for clock, scope in ((made.clock, Scope.DOSSIER), (made.step_clocks[0], Scope.STEP)):
        told = published.nearing(made, clock, DUE, NOW)
        assert (told.scope, told.agency_id, told.officer_id) == (scope, ABOVE, officer)


def test_without_steps_the_whole_is_published_and_nobody_holds_a_step():
    made = a_dossier(RECEIVED, COUNTING, a_content(steps=[]))
    told = published.overdue(made, made.clock, DUE, NOW)
    assert (told.scope, told.step_seq, told.step_number, told.officer_id) == (Scope.DOSSIER, None, None, None)
    state = published.state(made)
    assert (state["step_number"], state["holder_position_id"], state["officer_id"]) == (None, None, None)
    assert state["holder_agency_id"] == RECEIVER


def test_who_brought_it_is_named_where_another_is_late():
    own = dossier()
    assert published.overdue(own, own.clock, DUE, NOW).brought_by_agency_id is None
    brought = dossier(agency_id=BROUGHT)
    assert published.overdue(brought, brought.clock, DUE, NOW).brought_by_agency_id == BROUGHT
    followed = dossier(received_agency_id=BROUGHT)
    assert published.overdue(followed, followed.clock, DUE, NOW).brought_by_agency_id == BROUGHT


def test_what_was_late_before_it_was_heard_of_is_history():
    before, after = at("2026-08-21 16:59"), at("2026-08-21 17:01")
    for heard, is_synced, is_history in (
        (after, True, True),
        (before, True, False),
        (DUE, True, False),
        (after, False, False),
    ):
        made = dossier(first_heard_at=heard, is_synced=is_synced)
        told = published.overdue(made, made.clock, DUE, NOW)
        assert (told.is_synced, told.is_synced_history) == (is_synced, is_history)


def test_the_state_names_who_holds_it_and_everybody_it_concerns():
    made, officer = with_the_step_of(ABOVE)
    state = published.state(made)
    assert (state["dossier_id"], state["holder_agency_id"], state["officer_id"]) == (made.id, ABOVE, officer)
    assert set(state["parties"]) == {RECEIVER, ABOVE}
    assert (state["step_number"], state["number"], state["status"]) == ("B1", made.number, made.status)


def test_the_result_is_published_as_in_time_or_late():
    for due, in_time in ((NOW, True), (DUE, False), (None, True)):
        made = a_dossier(RECEIVED, COUNTING, a_content(steps=[]))
        made.drain()
        made.clock = None if due is None else made.clock.given(due)
        made.finish(by(NOW))
        [told] = [each for each in made.drain() if isinstance(each, DossierFinished)]
        assert (told.on_time, told.finished_at, told.due_at) == (in_time, NOW, due)


# -- the trail -----------------------------------------------------------------------------------------


def test_the_trail_shows_that_an_applicant_is_named_and_never_who():
    named, unnamed = dossier(applicant_name="Đinh Thị Mẫu").snapshot(), dossier().snapshot()
    assert (named["applicant_is_named"], unnamed["applicant_is_named"]) == (True, False)
    assert "Đinh Thị Mẫu" not in str(named)
    assert not named.keys() & {"applicant_name", "version", "acted_version", "clock", "step_clocks"}


def test_the_trail_has_a_line_for_every_step_and_every_pause():
    made = dossier()
    made.pause("supplement", None, COUNTING, by(at("2026-08-11 09:00")))
    made.resume(None, COUNTING, by(at("2026-08-12 09:00")))
    made.pause("supplement", None, COUNTING, by(at("2026-08-13 09:00")))
    shown = made.snapshot()
    assert [name for name in shown if name.startswith("step_") and name != "step_seq"] == [
        f"step_{seq}" for seq in range(1, 6)
    ]
    assert shown["pause_1"] == ("supplement", at("2026-08-11 09:00"), at("2026-08-12 09:00"))
    assert shown["pause_2"] == ("supplement", at("2026-08-13 09:00"), None)
    assert not {"steps", "pauses", "pause_0", "pause_3"} & shown.keys()


def test_the_trail_shows_what_was_published_of_each_clock_and_when_there_is_none():
    made = a_dossier(RECEIVED, COUNTING, a_content(legal_time=None))
    assert made.clock is None
    assert made.snapshot()["told"] == []
    both = dossier()
    both.look(at("2026-08-10 10:45"))
    assert both.snapshot()["told"] == ["1:nearing"]
    both.look(at("2026-09-10 10:45"))
    assert both.snapshot()["told"] == ["0:nearing", "0:overdue", "1:nearing", "1:overdue"]


def test_a_warning_comes_before_the_lateness_and_each_is_published_once():
    made = a_dossier(RECEIVED, COUNTING, a_content(legal_time=working(1), steps=[]))
    made.drain()
    # One working day from 07:30 ends at 17:30; a fifth of its eight hours before that is 15:54.
    assert made.due_at == at("2026-08-10 17:30")
    kinds = []
    for moment in ("15:53", "15:54", "16:30", "17:30", "17:31", "17:45"):
        made.look(at(f"2026-08-10 {moment}"))
        kinds.append(
            [type(each) for each in made.drain() if isinstance(each, DossierNearing | DossierOverdue)]
        )
    assert kinds == [[], [DossierNearing], [], [], [DossierOverdue], []]
