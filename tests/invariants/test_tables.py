"""Each table of rights keeps what is written by hand of it; each table with one cell changed does not."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from uuid import uuid4

import pytest

from contracts.directory.roles import Extent, Holder, Role
from kernel.base.errors import Forbidden
from kernel.trust.identity import CLIENT, PUBLIC, Actor, Held
from kernel.trust.policy import Policy, Relation, Row, row
from services.directory import rules
from services.directory.roles.domain.catalogue import RoleRule
from tests.contract.policy import SERVICES, service_of
from tests.invariants import statements
from tests.invariants.mutants import ROLES, mutants
from tests.invariants.statements import Statement, about, broken

FEWEST = 30


def test_there_are_statements_of_every_service_and_each_says_on_what_it_rests():
    sentences = statements.statements()
    assert tuple(SERVICES) == statements.SERVICES
    assert len(sentences) >= FEWEST
    assert len({each.id for each in sentences}) == len(sentences)
    for each in sentences:
        assert len(each.vi) > 20, each.id
        assert len(each.en) > 20, each.id
        assert len(each.basis) > 5, each.id


@pytest.mark.parametrize("name", SERVICES)
def test_the_table_keeps_every_statement_and_allows_nothing_that_none_allows(name):
    assert broken(name, service_of(name).policy) == []


@pytest.mark.parametrize("name", SERVICES)
def test_no_cell_of_the_table_can_change_unnoticed(name):
    policy, tried, missed = service_of(name).policy, 0, []
    for what, changed in mutants(policy):
        tried += 1
        if not broken(name, changed):
            missed.append(what)
    assert missed == []
    assert tried > 20 * len(policy.rows)
    print(f"{name}: {tried} tables with one cell changed, each found")


def test_what_went_unnoticed_before_is_found():
    """Drafters who approve, readers who close, a trail open to all: the tests of before passed with these."""
    documents, audits = service_of("documents").policy, service_of("audits").policy
    [approve] = documents.rows["approve_revision"]
    [close] = audits.rows["close_nonconformity"]
    more = replace(approve, roles=approve.roles | {Role.DRAFTER})
    assert "TL-13" in str(broken("documents", _changed(documents, "approve_revision", more)))
    more = replace(close, roles=close.roles | {Role.READER})
    assert "DG-20" in str(broken("audits", _changed(audits, "close_nonconformity", more)))
    open_to_all = row("trail_of", relation=Relation.SIGNED_IN)
    assert "TL-08" in str(broken("documents", _changed(documents, "trail_of", open_to_all)))


def _changed(policy: Policy, action: str, line: Row) -> Policy:
    changed = copy(policy)
    changed.rows = {**policy.rows, action: (line,)}
    return changed


# -- the table is asked, not only read --------------------------------------------------------------


def person(role: str, **capacity) -> Actor:
    held = Held(role=role, agency_id=uuid4())
    return Actor(kind="person", person_id=uuid4(), roles=(held,), **capacity)


@pytest.mark.parametrize("name", SERVICES)
def test_the_door_lets_in_whom_the_statements_name_and_nobody_else(name):
    policy = service_of(name).policy
    for action in policy.rows:
        mine = [each for each in about(name) if each.kind == "may" and action in each.actions]
        relations = {each.says["relation"] for each in mine}
        named = frozenset().union(*(each.roles for each in mine))
        for role in ROLES:
            may_enter = bool(relations & {"public", "own", "signed_in"}) or role in named
            assert _enters(policy, action, person(role)) is may_enter, (action, role)
            assert (role in policy.roles_for(action, None)) is (role in named), (action, role)
        assert _enters(policy, action, PUBLIC) is ("public" in relations), action
        assert _enters(policy, action, Actor.system("a test")) is bool(relations & {"public", "system"}), (
            action
        )


@pytest.mark.parametrize("name", SERVICES)
def test_a_program_enters_by_its_scopes_alone(name):
    policy = service_of(name).policy
    opened = {each.says["scope"]: set(each.actions) for each in about(name) if each.kind == "opens"}
    free = {
        a for each in about(name) if each.says.get("relation") in ("public", "client") for a in each.actions
    }
    for scope in (*opened, "none.of.these"):
        program = Actor.client(uuid4(), [scope], [(uuid4(), True)])
        entered = {action for action in policy.rows if _enters(policy, action, program)}
        assert entered == opened.get(scope, set()) | free
        assert policy.roles_of(program, "any", None) == {CLIENT}


def _enters(policy: Policy, action: str, actor: Actor) -> bool:
    try:
        policy.admit(action, actor)
    except Forbidden:
        return False
    return True


# -- the catalogue of roles ---------------------------------------------------------------------------


def said_of_roles() -> dict[str, Statement]:
    grants = [each for each in about("directory") if each.kind == "grants"]
    return {role: each for each in grants for role in each.roles}


def kept(rule: RoleRule, said: Statement) -> bool:
    return (
        {role.value for role in rule.granted_by} == set(said.says["granted_by"])
        and rule.delegable is said.says["delegable"]
        and {extent.value for extent in rule.extents} == set(said.says["extents"])
        and set(rule.agency_kinds) == set(said.says.get("agency_kinds", ()))
        and rule.holder.value == said.says.get("holder", "people")
    )


def test_every_role_is_granted_and_lent_as_it_is_written():
    said = said_of_roles()
    assert set(said) == set(ROLES)
    for rule in rules.roles().rules:
        assert kept(rule, said[rule.code.value]), said[rule.code.value].id


def test_no_cell_of_the_catalogue_can_change_unnoticed():
    said = said_of_roles()
    for rule in rules.roles().rules:
        for changed in _other_rules(rule):
            assert not kept(changed, said[rule.code.value]), changed


def _other_rules(rule: RoleRule) -> Iterator[RoleRule]:
    for role in Role:
        yield replace(rule, granted_by=tuple(set(rule.granted_by) ^ {role}))
    for extent in Extent:
        yield replace(rule, extents=tuple(set(rule.extents) ^ {extent}))
    for kind in ("province", "commune"):
        yield replace(rule, agency_kinds=tuple(set(rule.agency_kinds) ^ {kind}))
    yield replace(rule, delegable=not rule.delegable)
    yield replace(rule, holder=next(each for each in Holder if each is not rule.holder))


def test_the_committed_page_is_current():
    assert statements.main(["--check"]) == 0, "make policy"
