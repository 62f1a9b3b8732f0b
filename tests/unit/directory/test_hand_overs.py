"""A hand-over is signed by receiver and leader, then everything passes; an import is applied whole or not."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.directory.events import PositionHandedOver
from contracts.directory.hand_overs import HandOverState, MinuteSignature, SigningPart
from contracts.directory.imports import ImportState
from contracts.directory.roles import Role
from kernel.base.errors import Conflict, Forbidden, Invalid
from services.directory.hand_overs.domain import HandOver, Names
from services.directory.imports.domain.staff_import import StaffImport
from tests.unit.directory.factories import a_position, a_role

NOW = datetime(2026, 8, 10, 1, tzinfo=UTC)
AGENCY = uuid4()
GIVER, RECEIVER, LEADER = (a_position(agency_id=AGENCY) for _ in range(3))
ROLES = [a_role(Role.DRAFTER, AGENCY), a_role(Role.REVIEWER, AGENCY)]


def drawn_up(giver=GIVER, receiver=RECEIVER):
    return HandOver.draw_up(giver, receiver, id=uuid4(), number="0001", note="x", now=NOW)


def signature(part, position, on_behalf_of=None):
    who = {"position_id": position.id, "person_id": position.person_id, "on_behalf_of": on_behalf_of}
    return MinuteSignature(part=part, at=NOW, **who)


def signed():
    made = drawn_up()
    made.sign(signature(SigningPart.RECEIVER, RECEIVER))
    made.confirm(signature(SigningPart.LEADER, LEADER, on_behalf_of=uuid4()), ROLES)
    return made


def finish(made, roles=ROLES):
    holders = {each.id: (f"Tên {n}", "Chuyên viên") for n, each in enumerate((GIVER, RECEIVER, LEADER))}
    people = {each.on_behalf_of: "Giám đốc" for each in made.signatures if each.on_behalf_of}
    names = Names(agency="Sở", roles=(), holders=holders, people=people)
    made.finish(list(roles), names, former_ids=[], gave_up_all=True, now=NOW)


def test_nothing_is_handed_to_another_agency_nor_to_oneself():
    with pytest.raises(Invalid, match="receiver_of_another_agency"):
        drawn_up(receiver=a_position())
    with pytest.raises(Invalid, match="hand_over_to_oneself"):
        drawn_up(receiver=a_position(agency_id=AGENCY, person_id=GIVER.person_id))
    made = drawn_up()
    assert (made.giver_id, made.receiver_id) == (GIVER.person_id, RECEIVER.person_id)
    assert (made.giver_position_id, made.receiver_position_id) == (GIVER.id, RECEIVER.id)
    assert made.state is HandOverState.DRAWN_UP


def test_it_is_signed_once_both_have_signed_without_whom_nothing_passes():
    made = drawn_up()
    made.sign(signature(SigningPart.RECEIVER, RECEIVER))
    assert not made.is_signed
    with pytest.raises(Conflict, match="hand_over_signed_already"):
        made.sign(signature(SigningPart.RECEIVER, RECEIVER))
    made.confirm(signature(SigningPart.LEADER, LEADER), ROLES)
    assert (made.is_signed, made.roles) == (True, tuple(ROLES))


def test_a_leader_alone_lets_nothing_pass():
    made = drawn_up()
    made.confirm(signature(SigningPart.LEADER, LEADER), ROLES)
    assert not made.is_signed


@pytest.mark.parametrize("part_taker", [GIVER, RECEIVER])
def test_who_takes_part_does_not_confirm_it_nor_does_who_acts_for_them(part_taker):
    acting = signature(SigningPart.LEADER, LEADER, on_behalf_of=part_taker.person_id)
    for each in (signature(SigningPart.LEADER, part_taker), acting):
        with pytest.raises(Forbidden, match="hand_over_own_confirmation"):
            drawn_up().confirm(each, ROLES)


def test_everything_passes_with_the_roles_that_were_confirmed_in_whatever_order():
    made = signed()
    finish(made, reversed(ROLES))
    [published] = made.drain()
    assert isinstance(published, PositionHandedOver)
    assert (made.state, made.handed_over_at) == (HandOverState.DONE, NOW)
    assert (published.giver, published.receiver, published.gave_up_all) == ("Tên 0", "Tên 1", True)
    assert [each.name for each in published.signatures] == ["Tên 1", "Tên 2"]
    assert [each.on_behalf_of for each in published.signatures] == [None, "Giám đốc"]


OTHERS = [
    [*ROLES, a_role(Role.APPROVER, AGENCY)],
    [ROLES[0], a_role(Role.APPROVER, AGENCY)],
    [ROLES[0], a_role(Role.REVIEWER, uuid4())],
    [ROLES[0], a_role(Role.REVIEWER, AGENCY, with_subtree=True)],
]


@pytest.mark.parametrize("roles", [[], ROLES[:1], *OTHERS])
def test_no_role_passes_that_nobody_confirmed(roles):
    made = signed()
    with pytest.raises(Conflict, match="hand_over_roles_changed"):
        finish(made, roles)
    assert (made.state, made.drain()) == (HandOverState.DRAWN_UP, [])


def test_one_that_is_done_or_taken_back_stays_so():
    done, cancelled = signed(), drawn_up()
    finish(done)
    cancelled.cancel("nhầm")
    assert (cancelled.state, cancelled.reason) == (HandOverState.CANCELLED, "nhầm")
    for each in (done, cancelled):
        with pytest.raises(Conflict, match="hand_over_not_open"):
            each.cancel("x")
        with pytest.raises(Conflict, match="hand_over_not_open"):
            each.sign(signature(SigningPart.GIVER, GIVER))


# -- an import of people --------------------------------------------------------------------------------


def an_import(**changes):
    about = {"id": uuid4(), "agency_id": AGENCY, "file_name": "a.xlsx", "rows": 3, "requested_at": NOW}
    return StaffImport(**about | {"requested_by": uuid4(), "requested_as": None} | changes)


def test_an_import_is_judged_when_all_its_rows_are_there():
    made, job = an_import(), uuid4()
    assert (made.creating, made.amending, made.unchanged, made.bad) == (0, 0, 0, 0)
    with pytest.raises(Conflict, match="import_not_complete"):
        made.check(job, 2, ROLES)
    made.check(job, 3, ROLES)
    assert (made.state, made.job_id, made.granted_with) == (ImportState.CHECKING, job, ROLES)
    made.checked({"creates": 1, "bad": 2})
    assert (made.creating, made.amending, made.unchanged, made.bad) == (1, 0, 0, 2)
    assert made.state is ImportState.CHECKED
    made.checked({"amends": 2, "unchanged": 1})
    assert (made.creating, made.amending, made.unchanged, made.bad) == (0, 2, 1, 0)


def test_an_import_is_applied_whole_and_without_a_bad_row():
    made, job = an_import(), uuid4()
    made.checked({"bad": 1})
    with pytest.raises(Conflict, match="import_has_bad_rows"):
        made.apply(job, 3, ROLES)
    made.checked({"creates": 3})
    with pytest.raises(Conflict, match="import_forgotten"):
        made.apply(job, 2, ROLES)
    made.apply(job, 3, ROLES)
    assert (made.state, made.job_id, made.granted_with) == (ImportState.APPLYING, job, ROLES)
    made.applied(NOW)
    assert (made.state, made.applied_at) == (ImportState.APPLIED, NOW)


def test_an_import_that_failed_may_be_judged_anew_and_says_why():
    made = an_import()
    made.fail(7, Conflict("not_in_this_state", state="open"))
    assert made.state is ImportState.CHECKED
    assert (made.failure["line"], made.failure["code"]) == (7, "not_in_this_state")
    made.check(uuid4(), 3, ROLES)
    assert made.failure is None


def test_an_import_that_was_forgotten_is_nothing_any_more():
    made = an_import()
    made.must_be(ImportState.OPEN, ImportState.CHECKED)
    with pytest.raises(Conflict, match="import_not_in_this_state"):
        made.must_be(ImportState.CHECKED)
    made.forget()
    with pytest.raises(Conflict, match="import_forgotten"):
        made.must_be(ImportState.FORGOTTEN)
