"""The management review, and what all entries of a register do when their agency ends."""

from uuid import uuid4

import pytest

from contracts.audits.events import ReviewConcluded, TaskAssigned
from contracts.audits.reviews import ReviewState, TaskState
from kernel.base.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.audits.factories import (
    AGENCY,
    DAY,
    NOW,
    OWNER,
    SOMEBODY,
    TODAY,
    a_nonconformity,
    a_programme,
    a_review,
    a_task,
    an_audit,
    hand,
)


def frozen():
    review = a_review()
    review.freeze([], at=NOW)
    return review


def with_task(**changes):
    review = frozen()
    task = a_task(review, **changes)
    review.decide(task, today=TODAY, by=hand())
    return review, task


def conclude(review):
    review.conclude(conclusion="Hệ thống có hiệu lực", is_effective=True, by=hand(SOMEBODY))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"period_to": TODAY - 31 * DAY}, "period_backwards"),
        ({"held_on": TODAY - 31 * DAY}, "review_before_period"),
    ],
)
def test_a_review_that_cannot_be_is_refused(changes, code):
    with pytest.raises(Invalid, match=code):
        a_review(**changes).check()


@pytest.mark.parametrize("changes", [{}, {"period_to": TODAY - 30 * DAY}, {"held_on": TODAY - 30 * DAY}])
def test_a_period_may_be_a_day_and_the_review_held_on_its_first(changes):
    a_review(**changes).check()


def test_its_inputs_are_frozen_once():
    review = frozen()
    assert (review.state, review.inputs_frozen_at) == (ReviewState.INPUTS_FROZEN, NOW)
    assert review.changes == 1
    with pytest.raises(Conflict, match="not_in_this_state"):
        review.freeze([], at=NOW)


@pytest.mark.parametrize(("by", "assigned_by"), [(SOMEBODY, SOMEBODY), (None, OWNER)])
def test_a_decision_is_a_task_that_is_published_with_its_owner(by, assigned_by):
    review = frozen()
    task = a_task(review)
    review.decide(task, today=TODAY, by=hand(by))
    [published] = review.drain()
    assert isinstance(published, TaskAssigned)
    assert (published.task_id, published.owner_id, published.assigned_by) == (task.id, OWNER, assigned_by)
    assert (review.tasks, review.changes) == ([task], 2)


def test_a_task_is_due_today_at_the_earliest_and_comes_of_frozen_inputs():
    review = frozen()
    with pytest.raises(Invalid, match="task_due_in_the_past"):
        review.decide(a_task(review, due_on=TODAY - DAY), today=TODAY, by=hand())
    with pytest.raises(Conflict, match="not_in_this_state"):
        a_review().decide(a_task(review), today=TODAY, by=hand())


def test_a_task_is_reported_by_its_owner_once():
    review, task = with_task()
    with pytest.raises(Forbidden, match="not_your_task"):
        review.complete(task.id, note="x", by=hand(SOMEBODY))
    review.complete(task.id, note="Đã mua", by=hand(OWNER))
    assert (task.state, task.done_by, task.done_at) == (TaskState.DONE, OWNER, NOW)
    assert (task.done_note, review.changes) == ("Đã mua", 3)
    with pytest.raises(Conflict, match="not_in_this_state"):
        review.complete(task.id, note="x", by=hand(OWNER))


def test_of_several_tasks_the_one_that_is_named_is_reported():
    review, first = with_task()
    second = a_task(review)
    review.decide(second, today=TODAY, by=hand())
    review.complete(second.id, note="x", by=hand(OWNER))
    assert (first.state, second.state) == (TaskState.OPEN, TaskState.DONE)
    with pytest.raises(NotFound, match="task_not_found"):
        review.complete(uuid4(), note="x", by=hand(OWNER))


def test_only_what_is_still_to_be_done_passes_to_another():
    review, first = with_task()
    second, others = a_task(review), a_task(review, owner_id=SOMEBODY)
    for each in (second, others):
        review.decide(each, today=TODAY, by=hand())
    review.complete(first.id, note="x", by=hand(OWNER))
    before, receiver = review.changes, uuid4()
    assert review.pass_on(OWNER, receiver) == [second]
    assert [each.owner_id for each in review.tasks] == [OWNER, receiver, SOMEBODY]
    assert review.changes == before + 1


def test_the_conclusion_says_whether_the_system_is_effective_and_is_the_last_word():
    review = frozen()
    conclude(review)
    [published] = review.drain()
    assert isinstance(published, ReviewConcluded)
    assert (published.is_effective, published.concluded_by, published.held_on) == (True, SOMEBODY, TODAY)
    assert (review.state, review.concluded_by, review.concluded_at) == (ReviewState.CONCLUDED, SOMEBODY, NOW)
    assert (review.conclusion, review.is_effective, review.changes) == ("Hệ thống có hiệu lực", True, 2)
    with pytest.raises(Conflict, match="not_in_this_state"):
        conclude(review)


def test_nothing_is_concluded_before_the_inputs_are_frozen():
    with pytest.raises(Conflict, match="not_in_this_state"):
        conclude(a_review())


@pytest.mark.parametrize("make", [a_nonconformity, a_programme, an_audit, a_review])
def test_an_entry_follows_to_the_heir_and_knows_for_whom_it_was_entered(make):
    entry, heir, last = make(), uuid4(), uuid4()
    entry.follow({AGENCY: heir})
    assert (entry.agency_id, entry.first_agency_id, entry.origin_agency_id) == (heir, AGENCY, AGENCY)
    entry.follow({heir: last})
    assert (entry.agency_id, entry.origin_agency_id) == (last, AGENCY)


@pytest.mark.parametrize("make", [a_nonconformity, a_programme, an_audit, a_review])
def test_an_entry_of_an_agency_that_goes_on_stays(make):
    entry = make()
    entry.follow({uuid4(): uuid4()})
    assert (entry.agency_id, entry.first_agency_id, entry.origin_agency_id) == (AGENCY, None, AGENCY)
