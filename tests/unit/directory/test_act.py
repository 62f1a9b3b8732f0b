"""An act from its request until it was applied, failed or was taken back, and whom it concerns."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from contracts.directory.events import AgenciesReorganised
from contracts.directory.reorganisations import (
    AgencyPart,
    Continuation,
    PlannedSuccession,
    ReorganisationPlan,
    ReorganisationState,
    SuccessionKind,
)
from kernel.base.errors import Conflict
from services.directory.agencies.domain.outcome import Heirs, Outcome
from services.directory.reorganisations.domain.reorganisation import Reorganisation
from tests.unit.directory.test_acts_against_model import BASIS

DAY, NOW = date(2026, 9, 1), datetime(2026, 9, 1, 1, tzinfo=UTC)
EVE = DAY - timedelta(days=1)
ENDED, HEIR, LATER = (uuid4() for _ in range(3))


def an_outcome(*, changed=()):
    outcome = Outcome(day=DAY, ended={ENDED: "merges.0"}, changed=dict.fromkeys(changed))
    outcome.heirs = {ENDED: Heirs(path="merges.0", things=HEIR)}
    outcome.successions = [
        PlannedSuccession(
            predecessor_id=ENDED, successor_id=HEIR, kind=SuccessionKind.ABSORPTION, goes_on=False
        )
    ]
    return outcome


def an_act():
    plan = ReorganisationPlan(effective_on=DAY, basis=BASIS)
    about = {"agency_id": uuid4(), "requested_by": uuid4(), "now": NOW - timedelta(days=9)}
    return Reorganisation.request(id=uuid4(), plan=plan, outcome=an_outcome(), **about)


def concerned(act):
    return {each.agency_id: each.part for each in act.concerned}


def test_an_act_waits_for_its_day_and_names_whom_it_will_concern():
    act = an_act()
    assert (act.state, act.effective_on, act.applied_at) == (ReorganisationState.SCHEDULED, DAY, None)
    assert concerned(act) == {ENDED: AgencyPart.ENDED, HEIR: AgencyPart.HEIR}
    assert {each.reorganisation_id for each in act.concerned} == {act.id}


def test_what_it_turns_out_to_concern_on_its_day_is_what_it_concerned():
    act = an_act()
    act.apply(an_outcome(changed=[HEIR, LATER]), NOW)
    assert (act.state, act.applied_at) == (ReorganisationState.APPLIED, NOW)
    assert concerned(act) == {
        ENDED: AgencyPart.ENDED,
        HEIR: AgencyPart.CHANGED,
        LATER: AgencyPart.CHANGED,
    }
    assert len(act.concerned) == 3


def test_it_is_published_when_it_is_applied_with_who_goes_on_for_whom():
    act = an_act()
    assert act.drain() == []
    act.apply(an_outcome(changed=[LATER]), NOW)
    [told] = act.drain()
    assert isinstance(told, AgenciesReorganised)
    assert (told.effective_on, told.basis, told.reorganisation_id) == (DAY, BASIS, act.id)
    assert (told.created, told.changed, told.ended) == ((), (LATER,), (ENDED,))
    assert told.continuations == (Continuation(agency_id=ENDED, heir_id=HEIR),)
    assert [each.successor_id for each in told.successions] == [HEIR]


def test_it_is_taken_back_before_its_day_and_never_on_it():
    act = an_act()
    with pytest.raises(Conflict, match="reorganisation_is_due"):
        act.cancel("nhầm", DAY, NOW)
    act.cancel("nhầm", EVE, NOW)
    assert (act.state, act.reason, act.cancelled_at) == (ReorganisationState.CANCELLED, "nhầm", NOW)
    with pytest.raises(Conflict, match="reorganisation_not_waiting"):
        act.cancel("nhầm", EVE, NOW)


def test_one_that_could_not_be_applied_says_why_and_did_nothing():
    act = an_act()
    act.fail(Conflict("agency_has_ended", "merges.0", name="Sở", day="01/08/2026"))
    assert (act.state, act.failure["code"]) == (ReorganisationState.FAILED, "agency_has_ended")
    assert (act.applied_at, act.drain()) == (None, [])
