"""What a dossier publishes: each act with what was late by then, once, and the state that results."""

from uuid import uuid4

import pytest

from contracts.cases.events import DossierChanged, DossierOverdue, DossierReceived
from tests.unit.cases.factories import a_clock, a_content, a_counting, a_dossier, at, by, working
from tests.unit.cases.test_dossier import morning, step_clock, taken_to

COUNTING = a_counting()
RECEIVED = at("2026-08-10 07:30")


def dossier():
    made = a_dossier(RECEIVED, COUNTING)
    made.drain()
    return made


def late_step(events):
    return [each.step_seq for each in events if isinstance(each, DossierOverdue)]


def test_an_act_publishes_first_what_was_late_by_then():
    for act in (
        lambda made: made.hand_over(1, COUNTING, by(morning(12))),
        lambda made: made.pause("supplement", None, COUNTING, by(morning(12))),
        lambda made: made.stop(by(morning(12))),
    ):
        made = dossier()
        act(made)
        assert late_step(made.drain()) == [1]


def test_what_is_late_already_when_it_is_entered_is_published_at_once():
    made = a_dossier(RECEIVED, COUNTING)
    made.clock, made.step_clocks = a_clock(working(1)), ()
    made.begin(COUNTING, by(morning(12)))
    assert late_step(made.drain()) == [1]
    assert made.is_overdue


def test_what_was_due_the_moment_it_paused_is_late_when_it_goes_on():
    made = dossier()
    made.pause("supplement", None, COUNTING, by(at("2026-08-10 11:30")))
    assert late_step(made.drain()) == []
    made.resume(None, COUNTING, by(morning(12)))
    assert late_step(made.drain()) == [1]


ACTS = [
    (1, lambda made: made.hand_over(1, COUNTING, by(morning(10)))),
    (2, lambda made: made.acknowledge(2, by(morning(10)))),
    (2, lambda made: made.pass_on(uuid4(), uuid4())),
    (4, lambda made: made.send_back(4, COUNTING, by(morning(14)))),
    (1, lambda made: made.pause("supplement", None, COUNTING, by(at("2026-08-10 08:00")))),
    (3, lambda made: made.resume(None, COUNTING, by(morning(17)))),
    (5, lambda made: made.finish(by(morning(15)))),
    (1, lambda made: made.stop(by(morning(10)))),
]


@pytest.mark.parametrize(("seq", "act"), ACTS)
def test_every_act_publishes_the_state_it_leads_to_and_asks_to_have_been_seen(seq, act):
    made = dossier()
    if seq == 2:
        made.hand_over(1, COUNTING, by(morning(10)))
        if act is ACTS[2][1]:
            made.acknowledge(2, by(morning(10)))
    else:
        taken_to(made, seq)
    if seq == 3:
        made.pause("supplement", None, COUNTING, by(morning(13)))
    made.drain()
    made.version, made.acted_version = 7, 3
    act(made)
    [told] = [each for each in made.drain() if isinstance(each, DossierChanged)]
    assert (told.status, told.step_seq, told.officer_id) == (
        made.status,
        made.step_seq,
        made.current.officer_id,
    )
    assert (told.due_at, made.acted_version) == (made.due_at, 8)


def test_a_new_one_is_our_own_and_who_sees_its_first_version_may_act():
    made = dossier()
    assert not made.is_synced
    made.version = 1
    assert made.is_as_seen(1)


def test_a_late_step_does_not_make_the_dossier_late_and_a_late_dossier_stays_so():
    made = dossier()
    assert made.look(morning(12))
    assert not made.is_overdue
    made.look(at("2026-08-22 09:00"))
    assert made.is_overdue
    made.look(morning(29))
    assert made.is_overdue


def test_a_look_that_finds_nothing_publishes_nothing():
    made = dossier()
    assert not made.look(at("2026-08-10 08:00"))
    assert made.drain() == []
    assert made.look(morning(12))
    assert [type(each) for each in made.drain()] == [DossierOverdue, DossierChanged]
    assert not made.look(morning(12))
    made.pause("supplement", None, COUNTING, by(morning(12)))
    made.drain()
    assert not made.look(morning(31))
    assert made.drain() == []


def test_what_there_is_to_publish_next_is_the_earliest_of_its_clocks():
    made = dossier()
    # The first step ends at 11:30; a fifth of its four hours before that a warning is published.
    assert made.next_moment == at("2026-08-10 10:42")
    made.look(at("2026-08-10 10:42"))
    assert made.next_moment == at("2026-08-10 11:30")
    made.look(morning(12))
    assert made.next_moment == made.clock.nearing_at
    made.look(at("2026-08-22 09:00"))
    assert made.next_moment is None


def test_the_state_is_published_once_a_transaction_and_as_received_in_the_first():
    made = a_dossier(RECEIVED, COUNTING)
    made.hand_over(1, COUNTING, by(morning(10)))
    [received] = made.drain()
    assert isinstance(received, DossierReceived)
    assert received.step_seq == 2
    made.acknowledge(2, by(morning(10)))
    made.hand_over(2, COUNTING, by(morning(11)))
    [changed] = made.drain()
    assert (type(changed), changed.step_seq) == (DossierChanged, 3)


def test_what_is_received_after_the_cut_off_counts_from_the_next_morning_whatever_is_done_that_day():
    evening = at("2026-08-10 16:00")
    made = a_dossier(evening, COUNTING, a_content(legal_time=working(1)))
    assert (made.counts_from, made.due_at) == (at("2026-08-11 07:30"), at("2026-08-11 17:30"))
    made.hand_over(1, COUNTING, by(at("2026-08-10 16:10")))
    assert step_clock(made, 2).due_at == at("2026-08-17 17:30")
    made.pause("supplement", None, COUNTING, by(at("2026-08-10 16:20")))
    made.resume(None, COUNTING, by(at("2026-08-10 16:30")))
    assert (made.due_at, step_clock(made, 2).due_at) == (at("2026-08-11 17:30"), at("2026-08-17 17:30"))
