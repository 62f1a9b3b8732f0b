"""The life of an entry of the register: corrected, its cause found, acted on, verified by another, closed."""

from uuid import uuid4

import pytest

from contracts.audits.events import ActionAssigned, NonconformityChanged
from contracts.audits.nonconformities import ActionState, NonconformityState
from kernel.base.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.audits.factories import DAY, NOW, OWNER, SOMEBODY, TODAY, a_nonconformity, an_action, hand


def with_cause(**changes):
    found = a_nonconformity(**changes)
    found.correct(correction="Đã trả", by=hand())
    found.find_cause(cause="Thiếu người")
    return found


def planned(**changes):
    found = with_cause()
    action = an_action(found, **changes)
    found.plan(action, today=TODAY, by=hand())
    return found, action


def done():
    found, action = planned()
    found.complete(action.id, note="Đã làm", by=hand(OWNER))
    return found, action


def verified():
    found, action = done()
    found.verify(action.id, is_effective=True, note="Tốt", by=hand())
    return found


def closed():
    found = verified()
    found.close(by=hand())
    return found


STEPS = {
    "corrected": lambda each: each.correct(correction="x", by=hand()),
    "found the cause of": lambda each: each.find_cause(cause="x"),
    "planned for": lambda each: each.plan(an_action(each), today=TODAY, by=hand()),
    "closed": lambda each: each.close(by=hand()),
    "met again": lambda each: each.occur_again(repeats_until_action=3),
}


def test_entering_says_that_it_is_new_and_every_later_change_that_it_is_not():
    found = a_nonconformity(finding_id=uuid4(), document_id=uuid4())
    found.raise_it()
    found.correct(correction="Đã trả", by=hand())
    new, changed = found.drain()
    assert isinstance(new, NonconformityChanged)
    assert (new.raised, changed.raised) == (True, False)
    assert (new.state, changed.state) == (NonconformityState.OPEN, NonconformityState.CORRECTED)
    assert (new.finding_id, new.document_id) == (found.finding_id, found.document_id)
    assert (new.number, new.agency_id, new.severity) == (found.number, found.agency_id, found.severity)
    assert found.changes == 2


def test_a_correction_may_be_said_anew_and_takes_nothing_back():
    found, _ = planned()
    found.correct(correction="Đã trả và xin lỗi", by=hand())
    assert found.correction == "Đã trả và xin lỗi"
    assert (found.corrected_by, found.corrected_at) == (SOMEBODY, NOW)
    assert found.state is NonconformityState.ACTION_UNDER_WAY


def test_an_action_needs_a_cause():
    found = a_nonconformity()
    with pytest.raises(Conflict, match="cause_not_found_yet"):
        found.plan(an_action(found), today=TODAY, by=hand())
    assert found.actions == []


def test_an_action_is_due_today_at_the_earliest():
    found = with_cause()
    with pytest.raises(Invalid, match="action_due_in_the_past"):
        found.plan(an_action(found, due_on=TODAY - DAY), today=TODAY, by=hand())
    found.plan(an_action(found, due_on=TODAY), today=TODAY, by=hand())
    assert len(found.actions) == 1


@pytest.mark.parametrize(("by", "assigned_by"), [(SOMEBODY, SOMEBODY), (None, OWNER)])
def test_an_action_is_published_with_its_owner_and_by_whom(by, assigned_by):
    found = with_cause()
    found.drain()
    action = an_action(found)
    found.plan(action, today=TODAY, by=hand(by))
    changed, assigned = found.drain()
    assert changed.state is NonconformityState.ACTION_UNDER_WAY
    assert isinstance(assigned, ActionAssigned)
    assert (assigned.action_id, assigned.owner_id, assigned.due_on) == (action.id, OWNER, TODAY)
    assert assigned.assigned_by == assigned_by


def test_an_action_is_reported_by_its_owner_and_nobody_else():
    found, action = planned()
    with pytest.raises(Forbidden, match="not_your_action"):
        found.complete(action.id, note="x", by=hand(SOMEBODY))
    with pytest.raises(Forbidden, match="not_your_action"):
        found.complete(action.id, note="x", by=hand(SOMEBODY, on_behalf_of=OWNER))
    found.complete(action.id, note="Đã làm", by=hand(OWNER))
    assert (action.state, action.done_by, action.done_at) == (ActionState.DONE, OWNER, NOW)
    assert action.done_note == "Đã làm"


def test_of_several_actions_the_one_that_is_named_is_reported():
    found, first = planned()
    second = an_action(found)
    found.plan(second, today=TODAY, by=hand())
    found.complete(second.id, note="x", by=hand(OWNER))
    assert (first.state, second.state) == (ActionState.PLANNED, ActionState.DONE)


@pytest.mark.parametrize("by", [hand(OWNER), hand(SOMEBODY, on_behalf_of=OWNER)])
def test_who_did_an_action_does_not_verify_it_nor_does_who_acts_for_them(by):
    found, action = done()
    with pytest.raises(Forbidden, match="verifier_did_it"):
        found.verify(action.id, is_effective=True, note="x", by=by)
    assert action.state is ActionState.DONE


@pytest.mark.parametrize(
    ("is_effective", "state"), [(True, ActionState.VERIFIED), (False, ActionState.PLANNED)]
)
def test_what_is_not_effective_is_planned_anew(is_effective, state):
    found, action = done()
    found.verify(action.id, is_effective=is_effective, note="Xem", by=hand())
    assert (action.state, action.verified_by, action.verified_at) == (state, SOMEBODY, NOW)
    assert action.verification_note == "Xem"


@pytest.mark.parametrize("step", ["complete", "verify"])
def test_an_action_that_is_not_there_is_named(step):
    found, _ = planned()
    more = {} if step == "complete" else {"is_effective": True}
    with pytest.raises(NotFound, match="action_not_found"):
        getattr(found, step)(uuid4(), note="x", by=hand(OWNER), **more)


def test_an_action_is_done_once_and_verified_once_it_is_done():
    found, action = planned()
    with pytest.raises(Conflict, match="not_in_this_state"):
        found.verify(action.id, is_effective=True, note="x", by=hand())
    found.complete(action.id, note="x", by=hand(OWNER))
    with pytest.raises(Conflict, match="not_in_this_state"):
        found.complete(action.id, note="x", by=hand(OWNER))


def test_nothing_is_closed_that_is_not_corrected():
    with pytest.raises(Conflict, match="not_corrected_yet"):
        a_nonconformity().close(by=hand())


def test_nothing_is_closed_while_an_action_is_not_verified():
    found, action = done()
    with pytest.raises(Conflict, match="action_still_open"):
        found.close(by=hand())
    found.verify(action.id, is_effective=True, note="x", by=hand())
    found.close(by=hand())
    assert (found.state, found.closed_by, found.closed_at) == (NonconformityState.CLOSED, SOMEBODY, NOW)


def test_what_needs_a_corrective_action_is_not_closed_without_one():
    found = with_cause(needs_corrective_action=True)
    with pytest.raises(Conflict, match="corrective_action_needed"):
        found.close(by=hand())
    with_cause().close(by=hand())


@pytest.mark.parametrize("step", STEPS)
def test_what_is_closed_is_never_touched_again(step):
    found = closed()
    with pytest.raises(Conflict, match="nonconformity_closed"):
        STEPS[step](found)


def test_an_action_of_what_is_closed_stays_as_it_is():
    found = closed()
    with pytest.raises(Conflict, match="nonconformity_closed"):
        found.complete(found.actions[0].id, note="x", by=hand(OWNER))


def test_from_so_many_repeats_on_the_cause_must_be_acted_on():
    found = a_nonconformity()
    found.occur_again(repeats_until_action=3)
    assert (found.occurrences, found.needs_corrective_action) == (2, False)
    assert (found.changes, len(found.drain())) == (1, 1)
    found.occur_again(repeats_until_action=3)
    assert (found.occurrences, found.needs_corrective_action) == (3, True)


def test_what_had_to_be_acted_on_stays_so():
    found = a_nonconformity(needs_corrective_action=True)
    found.occur_again(repeats_until_action=9)
    assert found.needs_corrective_action


def test_only_what_is_still_to_be_done_passes_to_another():
    found, first = planned()
    second, others = an_action(found), an_action(found, owner_id=SOMEBODY)
    for each in (second, others):
        found.plan(each, today=TODAY, by=hand())
    found.complete(first.id, note="x", by=hand(OWNER))
    receiver = uuid4()
    assert found.pass_on(OWNER, receiver) == [second]
    assert [each.owner_id for each in found.actions] == [OWNER, receiver, SOMEBODY]


@pytest.mark.parametrize(
    ("by", "of", "is_theirs"),
    [
        (hand(OWNER), OWNER, True),
        (hand(SOMEBODY, on_behalf_of=OWNER), OWNER, True),
        (hand(SOMEBODY), OWNER, False),
        (hand(None), None, False),
    ],
)
def test_a_hand_is_of_who_acts_and_of_whom_they_act_for(by, of, is_theirs):
    assert by.is_of(of) is is_theirs


def test_every_change_is_counted_so_that_children_are_saved_with_their_entry():
    found, action = planned()
    seen = [found.changes]
    found.complete(action.id, note="x", by=hand(OWNER))
    seen.append(found.changes)
    found.verify(action.id, is_effective=True, note="x", by=hand())
    seen.append(found.changes)
    found.pass_on(OWNER, uuid4())
    seen.append(found.changes)
    assert seen == [3, 4, 5, 6]
