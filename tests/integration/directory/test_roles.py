"""The catalogue of roles on real servers: what it says is what granting goes by."""

import pytest

from contracts.directory import access, staff
from contracts.directory import roles as c
from contracts.directory.roles import ListRoles
from tests.integration.directory.conftest import an_appointment


def test_anybody_reads_every_role_in_both_languages(directory):
    public = directory.ok("public_grant", access.PublicGrant())["grant"]
    listed = directory.ok("list_roles", ListRoles(), token=public)
    assert {each["role"] for each in listed} == {role.value for role in c.Role}
    assert all(each["name"] and each["name_en"] and each["purpose"] and each["purpose_en"] for each in listed)
    [steering] = [each for each in listed if each["role"] == "province_steering"]
    assert steering["name"] == "Ban Chỉ đạo ISO của tỉnh"
    assert (steering["extents"], steering["granted_by"]) == (["subtree"], ["province_admin"])


@pytest.mark.parametrize(
    ("role", "at_root", "with_subtree", "refusal"),
    [
        (c.Role.INTEGRATION_CLIENT, True, True, "role_beyond_reach"),
        (c.Role.PROVINCE_STEERING, False, True, "role_not_for_this_kind"),
        (c.Role.PROVINCE_STEERING, True, False, "role_not_so_far"),
        (c.Role.PROVINCE_STEERING, True, True, None),
    ],
)
def test_a_role_is_held_only_where_and_as_far_as_the_catalogue_says(
    directory, role, at_root, with_subtree, refusal
):
    agency = directory.root_id if at_root else directory.an_agency()
    wanted = staff.RoleToGrant(role=role, agency_id=agency, with_subtree=with_subtree)
    appointment = an_appointment(directory.root_id, directory.a_person(), roles=[wanted])
    if refusal is None:
        assert directory.ok("appoint_position", appointment)["roles"][0]["role"] == role.value
    else:
        assert directory.refused("appoint_position", appointment) == (refusal, "roles")
