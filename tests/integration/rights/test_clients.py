"""What programs of portals may do: what their scopes open, to things of their agencies, and nothing else."""

from typing import Any
from uuid import UUID

import pytest

from contracts.directory.clients import Scope
from kernel.trust.identity import Actor
from kernel.trust.policy import Relation
from tests.contract.policy import operations_of, service_of
from tests.integration.rights.bodies import same_but_for
from tests.integration.rights.seeds import APPLICANT
from tests.integration.rights.test_matrix import KEPT, Asking, code_of, kind_of, methods, shows_nothing

REACHES = {"own": True, "above": True, "above_alone": False, "sibling": False, "foreign": False}


def a_client(field: Any, scope: str, relation: str) -> Actor:
    """A program with one scope for one agency."""
    ground = field.ground
    places = {"own": (ground.department, False), "above": (ground.root, True)}
    places |= {"above_alone": (ground.root, False), "sibling": (ground.sibling, True)}
    return Actor.client(UUID(int=5), [scope], [places.get(relation, (ground.foreign, True))])


@pytest.mark.parametrize("name", KEPT)
def test_every_scope_opens_what_the_table_says_to_things_of_its_agencies(field_of, name):
    field = field_of(name)
    for method in methods(name):
        asking = Asking(field, method)
        for scope in Scope:
            opened = method in field.policy.scopes.get(scope, ())
            is_public = any(row.relation is Relation.PUBLIC for row in asking.rows)
            for relation, reaches in REACHES.items():
                token = field.ground.token(a_client(field, scope, relation))
                answer = asking.about_the_department(token)
                said = (method, scope, relation, str(answer)[:300])
                if not (opened or is_public):
                    wanted = "client_scope_missing" if field.policy.opened_by(method) else "not_for_programs"
                    assert code_of(answer) == wanted, said
                elif reaches or is_public or not asking.guarded:
                    assert kind_of(answer) == "ok", said
                elif asking.writes:
                    assert code_of(answer) == "not_permitted", said
                else:
                    assert kind_of(answer) == "NotFound" or shows_nothing(asking, answer["ok"]), said


@pytest.mark.parametrize("name", KEPT)
def test_what_is_out_of_a_programs_reach_is_answered_like_what_is_not_there(field_of, name):
    field = field_of(name)
    for scope, actions in field.policy.scopes.items():
        token = field.ground.token(a_client(field, scope, "sibling"))
        for method in actions:
            asking = Asking(field, method)
            for named in asking.guarded:
                nothing = UUID(int=77)
                theirs = same_but_for(asking.ask(token, **{named: asking.thing(named)}), asking.thing(named))
                assert theirs == same_but_for(asking.ask(token, **{named: nothing}), nothing), (method, named)


def test_no_program_sees_who_applied_or_a_draft(field_of):
    cases, documents = field_of("cases"), field_of("documents")
    token = cases.ground.token(a_client(cases, "cases.read", "own"))
    listed = cases.spoken.ask("list_dossiers", {}, token)["ok"]
    assert listed["items"]
    assert APPLICANT not in str(listed)
    token = documents.ground.token(a_client(documents, "documents.read", "own"))
    assert documents.spoken.ask("revisions_of", {"ids": [documents.things["draft"]]}, token)["ok"] == []


def test_the_directory_gives_programs_what_their_scope_opens_and_nobody_else_leases_calls(
    speaking, private_key
):
    from tests.integration.directory.conftest import CHEAP
    from tests.integration.rights.ground import EVERY_ROLE, Ground

    spoken, ground = speaking("directory", **CHEAP), Ground(private_key)
    for method in methods("directory"):
        _contract, writes, _ = operations_of(service_of("directory"))[method]
        rows = spoken.means.policy.rows[method]
        if writes or any(row.relation is Relation.PUBLIC for row in rows):
            continue
        for scope in Scope:
            token = ground.token(Actor.client(UUID(int=5), [scope], [(ground.root, True)]))
            said = code_of(spoken.ask(method, {}, token))
            opened = method in spoken.means.policy.scopes.get(scope, ())
            shut = "client_scope_missing" if spoken.means.policy.opened_by(method) else "not_for_programs"
            assert (said == shut) is not opened, (method, scope, said)
    for role in EVERY_ROLE:
        token = ground.token(ground.standing("parent", role))
        assert code_of(spoken.ask("lease_calls", {"request_id": UUID(int=1)}, token)) == "not_permitted"
