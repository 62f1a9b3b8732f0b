"""The catalogue of roles: who may hold which how far, who hands it out, and how a role is called."""

import pytest

from contracts.directory.roles import Extent, Holder, Role
from kernel.base.errors import Forbidden, Invalid
from kernel.base.text import fold
from services.directory.roles.domain.catalogue import RoleCatalogue, RoleRule
from tests.unit.directory.factories import a_role
from tests.unit.directory.test_delegations_and_grants import HERE

BOTH = (Extent.AGENCY, Extent.SUBTREE)


def catalogue(**changes):
    """Every role for everybody and however far, but for what is said of one."""
    told = {each.value: {"code": each, "extents": BOTH} for each in Role}
    return RoleCatalogue([RoleRule(**told[name] | changes.get(name, {})) for name in told])


def why_not(roles, wanted, kind="department"):
    with pytest.raises((Forbidden, Invalid)) as refused:
        roles.check_may_hold(wanted, kind, "roles.0")
    return refused.value.code, refused.value.field


def test_every_role_stands_in_it_once():
    every = [RoleRule(code=each, extents=BOTH) for each in Role]
    assert set(RoleCatalogue(every).of) == set(Role)
    for wrong in (every[:-1], [*every, every[0]], [*every[:-1], every[0]]):
        with pytest.raises(ValueError, match="exactly once"):
            RoleCatalogue(wrong)


def test_a_role_is_found_by_its_code_and_by_what_it_is_called_without_marks():
    called = catalogue().called
    assert {role: called[role.value] for role in Role} == {role: role for role in Role}
    drafter = catalogue().of[Role.DRAFTER]
    assert [each for each in called if called[each] is Role.DRAFTER] == ["drafter", fold(drafter.name.vi)]
    assert not any(letter in name for name in called for letter in "ạảăâđêôơưý")


def test_a_role_of_machines_is_held_by_nobody():
    roles = catalogue(reader={"holder": next(each for each in Holder if each is not Holder.PEOPLE)})
    assert why_not(roles, a_role(Role.READER, HERE)) == ("role_for_machines", "roles.0")
    roles.check_may_hold(a_role(Role.DRAFTER, HERE), "department")


def test_a_role_of_some_kinds_of_agency_is_held_in_those_alone_and_of_none_in_all():
    roles = catalogue(reader={"agency_kinds": ("province", "commune")})
    roles.check_may_hold(a_role(Role.READER, HERE), "commune")
    assert why_not(roles, a_role(Role.READER, HERE)) == ("role_not_for_this_kind", "roles.0")
    roles.check_may_hold(a_role(Role.DRAFTER, HERE), "department")


@pytest.mark.parametrize("with_subtree", [False, True])
def test_a_role_is_held_as_far_as_the_catalogue_says(with_subtree):
    extent = Extent.SUBTREE if with_subtree else Extent.AGENCY
    roles = catalogue(reader={"extents": (extent,)})
    roles.check_may_hold(a_role(Role.READER, HERE, with_subtree=with_subtree), "department")
    other = a_role(Role.READER, HERE, with_subtree=not with_subtree)
    assert why_not(roles, other) == ("role_not_so_far", "roles.0")


def test_who_hands_out_which_is_read_off_each_role():
    may = catalogue(
        reader={"granted_by": (Role.UNIT_LEADER, Role.PROVINCE_ADMIN)},
        drafter={"granted_by": (Role.UNIT_LEADER,)},
    ).may_grant
    assert may[Role.UNIT_LEADER] == {Role.READER, Role.DRAFTER}
    assert may[Role.PROVINCE_ADMIN] == {Role.READER}
    assert may[Role.READER] == frozenset()


def test_a_role_may_be_lent_unless_it_is_said_otherwise():
    assert catalogue().of[Role.READER].delegable
    assert not catalogue(reader={"delegable": False}).of[Role.READER].delegable
