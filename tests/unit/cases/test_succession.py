"""Agencies that end: who goes on with a dossier, and what of it stays as it was."""

from uuid import uuid4

import pytest

from contracts.cases.dossiers import DossierStatus, StepStatus
from contracts.cases.events import DossierChanged
from services.cases.succession.domain import follow
from tests.unit.cases.factories import ABOVE, RECEIVER, a_counting, a_dossier, at, by

COUNTING = a_counting()
RECEIVED = at("2026-08-10 07:30")
HEIR, HEIR_OF_HEIR, HELPER, STRANGER = (uuid4() for _ in range(4))


def dossier(**changes):
    """Received by RECEIVER, who answers for it; step 4 is ABOVE's, step 1 is done and step 2 handed over."""
    made = a_dossier(RECEIVED, COUNTING)
    made.hand_over(1, COUNTING, by(at("2026-08-10 09:00")))
    for name, value in changes.items():
        setattr(made, name, value)
    made.drain()
    return made


def agencies(made):
    return [step.agency_id for step in made.steps]


def test_the_end_of_an_agency_without_a_part_in_it_changes_nothing():
    made = dossier()
    before = made.snapshot()
    follow(made, {STRANGER: HEIR})
    assert (made.snapshot(), made.continued, made.drain()) == (before, {}, [])


def test_the_heir_keeps_it_and_who_received_it_stays_named():
    made = dossier(competent_agency_id=ABOVE)
    follow(made, {RECEIVER: HEIR})
    assert (made.agency_id, made.received_agency_id) == (HEIR, RECEIVER)
    assert (made.competent_agency_id, made.first_competent_agency_id) == (ABOVE, None)
    [told] = made.drain()
    assert isinstance(told, DossierChanged)
    assert (told.agency_id, told.received_agency_id) == (HEIR, RECEIVER)


def test_where_another_than_the_receiver_ended_the_receiver_keeps_it():
    made = dossier(competent_agency_id=ABOVE)
    follow(made, {ABOVE: HEIR})
    assert (made.agency_id, made.received_agency_id) == (RECEIVER, None)
    assert (made.competent_agency_id, made.first_competent_agency_id) == (HEIR, ABOVE)


def test_the_first_names_stay_when_the_heir_ends_too():
    made = dossier()
    follow(made, {RECEIVER: HEIR})
    follow(made, {HEIR: HEIR_OF_HEIR})
    assert (made.agency_id, made.received_agency_id) == (HEIR_OF_HEIR, RECEIVER)
    assert (made.competent_agency_id, made.first_competent_agency_id) == (HEIR_OF_HEIR, RECEIVER)
    assert made.continued == {RECEIVER: HEIR_OF_HEIR, HEIR: HEIR_OF_HEIR}
    assert made.goes_on_for(RECEIVER) == HEIR_OF_HEIR
    assert set(made.parties) == {HEIR_OF_HEIR, ABOVE}


def test_who_went_on_before_goes_on_when_another_ends():
    made = dossier()
    follow(made, {RECEIVER: HEIR})
    follow(made, {ABOVE: HEIR_OF_HEIR})
    assert made.continued == {RECEIVER: HEIR, ABOVE: HEIR_OF_HEIR}


def test_a_step_that_is_done_keeps_its_doer_and_what_is_left_is_the_heirs():
    made = dossier()
    assert [step.status for step in made.steps[:3]] == [
        StepStatus.DONE,
        StepStatus.HANDED_OVER,
        StepStatus.WAITING,
    ]
    follow(made, {RECEIVER: HEIR})
    assert agencies(made) == [RECEIVER, HEIR, HEIR, ABOVE, HEIR]
    assert made.holder_agency_id == HEIR


def test_who_helps_is_followed_too_and_named_once_where_two_became_one():
    made = dossier(supporting=[HELPER, STRANGER], coordinating=[STRANGER])
    follow(made, {HELPER: HEIR, STRANGER: HEIR})
    assert (made.supporting, made.coordinating) == ([HEIR], [HEIR])
    assert made.parties[HEIR] == ["supporting", "coordinating"]


def test_clocks_number_and_days_stay_as_they_are():
    made = dossier()
    kept = ("number", "clock", "step_clocks", "due_at", "received_at", "status", "step_seq", "acted_version")
    before = [getattr(made, name) for name in kept]
    follow(made, {RECEIVER: HEIR})
    assert [getattr(made, name) for name in kept] == before


@pytest.mark.parametrize("status", [DossierStatus.FINISHED, DossierStatus.STOPPED])
def test_of_one_that_ended_nothing_is_rewritten_but_who_keeps_it(status):
    made = dossier(status=status, ended_at=at("2026-08-12 09:00"), supporting=[RECEIVER])
    follow(made, {RECEIVER: HEIR})
    assert (made.agency_id, made.competent_agency_id) == (HEIR, RECEIVER)
    assert (made.first_competent_agency_id, made.supporting) == (None, [RECEIVER])
    assert agencies(made) == [RECEIVER, RECEIVER, RECEIVER, ABOVE, RECEIVER]
    assert made.goes_on_for(RECEIVER) == HEIR
    assert len(made.drain()) == 1


def test_while_it_pauses_it_is_still_to_be_done_and_goes_to_the_heir():
    made = dossier(status=DossierStatus.PAUSED)
    follow(made, {RECEIVER: HEIR})
    assert made.competent_agency_id == HEIR
