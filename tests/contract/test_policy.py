"""The page of who may do what says what the services' tables say."""

from contracts.directory.clients import Scope
from contracts.directory.roles import Role
from tests.contract import policy


def test_the_committed_page_is_current():
    assert policy.main(["--check"]) == 0, "make policy"


def test_the_page_names_every_action_of_every_service_with_its_relation():
    said = policy.page()
    for name in policy.SERVICES:
        for action, rows in policy.service_of(name).policy.rows.items():
            for each in rows:
                assert f"| `{action}` | " in said
                assert f"| `{each.relation.value}` | " in said


def test_a_policy_names_only_roles_there_are():
    known = {role.value for role in Role}
    for name in policy.SERVICES:
        table = policy.service_of(name).policy
        named = [row.roles for rows in table.rows.values() for row in rows] + list(table.sights.values())
        assert set().union(*named) <= known, name


def test_every_scope_opens_something_and_every_scope_of_a_table_can_be_given():
    opened = {scope for name in policy.SERVICES for scope in policy.service_of(name).policy.scopes}
    assert opened == {scope.value for scope in Scope}
