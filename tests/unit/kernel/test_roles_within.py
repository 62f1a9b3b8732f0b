"""A role that one relation asks for gives nothing to another relation of the same action."""

from contracts.directory.roles import Role
from kernel.trust.policy import Policy, Relation, row

POLICY = Policy(
    row("read", relation=Relation.WITHIN, roles=[Role.DRAFTER], states=["open"]),
    row("read", relation=Relation.WITHIN, roles=[Role.REVIEWER]),
    row("read", relation=Relation.OWN, roles=[Role.READER]),
)


def test_only_roles_of_the_agency_reach_what_the_agency_decides():
    assert POLICY.roles_for("read", None) == {Role.DRAFTER, Role.REVIEWER}


def test_a_role_for_some_states_reaches_a_thing_in_those_alone():
    assert POLICY.roles_for("read", "open") == {Role.DRAFTER, Role.REVIEWER}
    assert POLICY.roles_for("read", "closed") == {Role.REVIEWER}


def test_the_handler_asks_about_the_agency_where_every_relation_is_the_agencys():
    assert not POLICY.needs_agency("read")
    within = Policy(row("keep", relation=Relation.WITHIN, roles=[Role.DRAFTER]))
    assert within.needs_agency("keep")
