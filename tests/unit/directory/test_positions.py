"""Holding a position, its roles, and who may hand them out."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

import pytest

from contracts.directory.roles import Role
from kernel.base.errors import Conflict, Forbidden, Invalid
from services.directory import rules
from services.directory.roles.domain.granting import check_may_grant
from tests.unit.directory.factories import TODAY, a_position, a_role

ROOT, DEPARTMENT, OTHER = uuid4(), uuid4(), uuid4()


@dataclass
class Held:
    role: str
    agency_id: UUID
    with_subtree: bool = False


def may_grant(held, wanted):
    check_may_grant(
        held,
        wanted,
        may_grant=rules.roles().may_grant,
        is_below=lambda above, below: above == ROOT and below != ROOT,
    )


def test_an_appointment_publishes_the_position_with_its_roles():
    position = a_position(roles=[a_role(Role.DRAFTER, DEPARTMENT)])
    [event] = position.drain()
    assert event.position_id == position.id
    assert [(r.role, r.agency_id) for r in event.roles] == [(Role.DRAFTER, DEPARTMENT)]


def test_roles_last_as_long_as_the_position():
    position = a_position(roles=[a_role(Role.DRAFTER, DEPARTMENT)], held_to=date(2026, 9, 1))
    assert [r.role for r in position.roles_on(date(2026, 8, 31))] == [Role.DRAFTER]
    assert position.roles_on(date(2026, 9, 1)) == []


def test_ending_a_position_ends_its_roles_and_says_so():
    position = a_position(roles=[a_role(Role.DRAFTER, DEPARTMENT)])
    position.drain()
    position.end(TODAY)
    assert not position.is_held(TODAY)
    assert position.roles_on(TODAY) == []
    [event] = position.drain()
    assert event.held_to == TODAY


def test_a_position_ended_on_its_first_day_was_never_held():
    position = a_position(held_from=TODAY)
    position.end(TODAY)
    assert not position.is_held(TODAY)


def test_a_position_may_not_end_before_it_begins():
    with pytest.raises(Invalid, match="position_ends_before_it_begins"):
        a_position(held_from=TODAY, held_to=TODAY)
    with pytest.raises(Invalid, match="position_ends_before_it_begins"):
        a_position(held_from=TODAY).end(date(2026, 8, 9))


def test_an_ended_position_may_be_shortened_but_not_ended_later():
    position = a_position(held_to=date(2026, 9, 1))
    with pytest.raises(Conflict, match="position_already_ended"):
        position.end(date(2026, 9, 1))
    position.end(date(2026, 8, 20))
    assert position.held_to == date(2026, 8, 20)


def test_a_role_asked_for_twice_is_given_once_with_the_wider_reach():
    wanted = [
        a_role(Role.READER, ROOT),
        a_role(Role.READER, ROOT, with_subtree=True),
        a_role(Role.READER, ROOT),
    ]
    [role] = a_position(roles=wanted).roles
    assert role.with_subtree


def test_an_administrator_grants_any_role_below():
    held = [Held(Role.PROVINCE_ADMIN, ROOT, with_subtree=True)]
    may_grant(held, a_role(Role.PROVINCE_ADMIN, DEPARTMENT, with_subtree=True))
    may_grant(held, a_role(Role.SYSTEM_OPERATOR, ROOT, with_subtree=True))


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        pytest.param(
            Held(Role.UNIT_LEADER, DEPARTMENT, True), a_role(Role.DRAFTER, OTHER), id="another agency"
        ),
        pytest.param(
            Held(Role.UNIT_LEADER, DEPARTMENT),
            a_role(Role.DRAFTER, DEPARTMENT, with_subtree=True),
            id="wider",
        ),
        pytest.param(
            Held(Role.UNIT_LEADER, DEPARTMENT, True), a_role(Role.PROVINCE_ADMIN, DEPARTMENT), id="higher"
        ),
        pytest.param(
            Held(Role.UNIT_LEADER, DEPARTMENT, True), a_role(Role.UNIT_LEADER, DEPARTMENT), id="same"
        ),
        pytest.param(Held(Role.PROVINCE_ADMIN, ROOT), a_role(Role.READER, DEPARTMENT), id="no subtree"),
        pytest.param(
            Held(Role.READER, DEPARTMENT, True), a_role(Role.READER, DEPARTMENT), id="no administrator"
        ),
    ],
)
def test_nobody_grants_what_their_scope_does_not_cover(held, wanted):
    with pytest.raises(Forbidden, match="role_beyond_reach"):
        may_grant([held], wanted)


def test_a_unit_leader_grants_the_work_roles_of_the_own_unit():
    may_grant([Held(Role.UNIT_LEADER, DEPARTMENT)], a_role(Role.APPROVER, DEPARTMENT))
