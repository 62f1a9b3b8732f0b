"""A position brings its holder roles: how long and how far they hold, and who has them when agencies end."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.authority import Basis
from contracts.directory.events import AuthorityEnded, PositionChanged
from contracts.directory.roles import Role
from kernel.base.errors import Invalid
from services.directory.staff.domain.position import check_so_many
from tests.unit.directory.factories import TODAY, a_position, a_role

BEGUN, DAY = date(2026, 1, 1), timedelta(days=1)
ENDED, HEIR, OTHER, CLOSED = (uuid4() for _ in range(4))


def held(position, day=TODAY):
    """Role, agency and reach of what is in force that day."""
    return {(each.role, each.agency_id, each.with_subtree) for each in position.roles_on(day)}


def spans(position):
    return sorted((each.agency_id, each.valid_from, each.valid_to) for each in position.roles)


# -- agencies that end ---------------------------------------------------------------------------------


def test_a_role_for_an_agency_that_ended_is_held_for_the_heir_from_that_day_on():
    position = a_position(roles=[a_role(Role.DRAFTER, ENDED, with_subtree=True), a_role(Role.READER, OTHER)])
    position.adjust({ENDED: HEIR}, [], TODAY)
    kept = (Role.READER, OTHER, False)
    assert held(position, TODAY - DAY) == {(Role.DRAFTER, ENDED, True), kept}
    assert held(position) == {(Role.DRAFTER, HEIR, True), kept}


def test_a_role_for_an_agency_without_an_heir_ends():
    position = a_position(roles=[a_role(Role.DRAFTER, CLOSED)])
    position.adjust({CLOSED: None}, [], TODAY)
    assert (held(position, TODAY - DAY), held(position)) == ({(Role.DRAFTER, CLOSED, False)}, set())


def test_who_held_a_role_for_both_that_became_one_holds_it_once_and_as_far_as_the_farther():
    for reaches in ((True, False), (False, True), (True, True), (False, False)):
        roles = [a_role(Role.DRAFTER, ENDED, with_subtree=reaches[0])]
        roles.append(a_role(Role.DRAFTER, HEIR, with_subtree=reaches[1]))
        position = a_position(roles=roles)
        position.adjust({ENDED: HEIR}, [], TODAY)
        [found] = position.roles_on(TODAY)
        assert (found.agency_id, found.with_subtree) == (HEIR, any(reaches))
        [before] = [each for each in position.roles_on(TODAY - DAY) if each.agency_id == HEIR]
        assert before.with_subtree is reaches[1]


def test_what_comes_with_it_begins_that_day_and_a_wider_reach_that_began_that_day_is_no_second_role():
    position = a_position(held_from=TODAY, roles=[a_role(Role.DRAFTER, HEIR)])
    position.adjust({}, [a_role(Role.DRAFTER, HEIR, with_subtree=True), a_role(Role.READER, OTHER)], TODAY)
    assert held(position) == {(Role.DRAFTER, HEIR, True), (Role.READER, OTHER, False)}
    assert len(position.roles) == 2


def test_in_a_position_to_come_the_heirs_role_begins_with_it():
    begins = TODAY + 9 * DAY
    position = a_position(held_from=begins, held_to=begins + 9 * DAY, roles=[a_role(Role.DRAFTER, ENDED)])
    position.adjust({ENDED: HEIR}, [], TODAY)
    expected = sorted([(ENDED, begins, begins), (HEIR, begins, begins + 9 * DAY)])
    assert spans(position) == expected
    assert held(position, begins) == {(Role.DRAFTER, HEIR, False)}


def test_a_role_that_ended_before_the_position_is_not_taken_up_again():
    position = a_position(roles=[a_role(Role.DRAFTER, ENDED)])
    position.adjust({ENDED: OTHER}, [], TODAY - 9 * DAY)
    position.adjust({ENDED: HEIR}, [], TODAY)
    assert held(position) == {(Role.DRAFTER, OTHER, False)}
    assert position.roles_after({}) == [a_role(Role.DRAFTER, OTHER)]


def test_the_roles_it_goes_on_with_are_for_heirs_and_without_those_for_whom_nobody_goes_on():
    roles = [a_role(Role.DRAFTER, ENDED, with_subtree=True), a_role(Role.READER, CLOSED)]
    position = a_position(roles=[*roles, a_role(Role.REVIEWER, OTHER)])
    assert position.roles_after({ENDED: HEIR, CLOSED: None}) == [
        a_role(Role.DRAFTER, HEIR, with_subtree=True),
        a_role(Role.REVIEWER, OTHER),
    ]


# -- how long and how many -----------------------------------------------------------------------------


def test_an_end_ends_its_roles_that_day_and_never_before_they_began():
    position = a_position(roles=[a_role(Role.DRAFTER, ENDED)])
    position.adjust({ENDED: HEIR}, [], TODAY)
    position.end(TODAY - 9 * DAY)
    assert spans(position) == sorted([(ENDED, BEGUN, TODAY - 9 * DAY), (HEIR, TODAY, TODAY)])


def test_a_role_that_ended_earlier_keeps_its_end():
    position = a_position(roles=[a_role(Role.DRAFTER, CLOSED)])
    position.adjust({CLOSED: None}, [], TODAY - 9 * DAY)
    position.end(TODAY)
    assert spans(position) == [(CLOSED, BEGUN, TODAY - 9 * DAY)]


def test_it_is_held_from_its_first_day_to_the_eve_of_its_last_and_lasts_past_the_days_before_that():
    position = a_position(held_from=BEGUN, held_to=TODAY)
    days = (BEGUN - DAY, BEGUN, TODAY - DAY, TODAY)
    assert [position.is_held(day) for day in days] == [False, True, True, False]
    assert [position.lasts_past(day) for day in days] == [True, True, True, False]
    assert a_position().lasts_past(TODAY + 9999 * DAY)
    undone = a_position(held_from=TODAY)
    undone.end(TODAY)
    assert not undone.lasts_past(BEGUN)


def test_forty_roles_come_with_a_position_and_no_more_the_same_one_counting_once():
    roles = [a_role(Role.DRAFTER, uuid4()) for _ in range(40)]
    check_so_many([*roles, *roles])
    assert len(a_position(roles=roles).roles) == 40
    with pytest.raises(Invalid, match="position_roles_too_many"):
        check_so_many([*roles, a_role(Role.READER, OTHER)])
    with pytest.raises(Invalid, match="position_roles_too_many"):
        a_position(roles=[*roles, a_role(Role.READER, OTHER)])


@given(st.lists(st.tuples(st.sampled_from([ENDED, OTHER]), st.booleans()), max_size=6))
def test_asked_for_in_whatever_order_each_role_is_given_once_as_far_as_the_widest(wanted):
    roles = [a_role(Role.DRAFTER, agency, with_subtree=below) for agency, below in wanted]
    found = {each.agency_id: each.with_subtree for each in a_position(roles=roles).roles}
    assert found == {agency: any(below for each, below in wanted if each == agency) for agency, _ in wanted}


# -- what is published ---------------------------------------------------------------------------------


def test_a_change_is_told_with_the_roles_it_goes_on_with_and_ends_what_was_granted_by_it():
    position = a_position(title="  Phó  phòng ", roles=[a_role(Role.DRAFTER, ENDED)])
    [appointed] = position.drain()
    assert (type(appointed), appointed.title) == (PositionChanged, "Phó phòng")
    position.version = 1
    position.adjust({ENDED: HEIR}, [], TODAY)
    changed, ended = position.drain()
    assert [(each.role, each.agency_id) for each in changed.roles] == [(Role.DRAFTER, HEIR)]
    assert isinstance(ended, AuthorityEnded)
    assert (ended.basis, ended.subject_id) == (Basis.POSITION, position.id)


def test_the_trail_shows_each_role_with_its_time():
    [shown] = a_position(roles=[a_role(Role.DRAFTER, HEIR)]).snapshot()["roles"]
    assert shown == {
        "role": Role.DRAFTER,
        "agency_id": HEIR,
        "with_subtree": False,
        "valid_from": BEGUN,
        "valid_to": None,
    }
