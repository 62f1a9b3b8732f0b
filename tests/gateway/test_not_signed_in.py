"""Not being signed in is one thing to a client, whatever it asked and whatever is wrong with its token."""

from uuid import uuid4

import pytest

from gateway.schema.assembled import SCHEMA
from kernel.base.errors import Forbidden, NotFound
from tests.gateway.fakes import FakeBus, a_clock, a_document, a_page, client_of

ASKED = {"query": "{ documents { edges { cursor } } }"}
GIVEN = {"requestId": str(uuid4()), "documentId": str(uuid4()), "expectedVersion": 1}
DONE = {
    "query": "mutation($input: SubmitRevisionInput!) { submitRevision(input: $input) { __typename } }",
    "variables": {"input": GIVEN},
}
WRONG = {
    "none": ({}, "not_signed_in", 'Bearer realm="eiso"'),
    "out of time or revoked": ({"authorization": "Bearer old"}, "not_signed_in", None),
    "forged": ({"authorization": "Bearer forged"}, "bad_grant", None),
    "no grant at all": ({"authorization": "Basic abc"}, "not_signed_in", None),
}


@pytest.mark.parametrize("asked", [ASKED, DONE], ids=["query", "mutation"])
@pytest.mark.parametrize(("headers", "said", "challenge"), WRONG.values(), ids=WRONG.keys())
async def test_a_query_and_a_command_are_refused_alike(asked, headers, said, challenge):
    refused = Forbidden(said)
    bus = FakeBus(list_documents=refused, submit_revision=refused)
    async with client_of(bus) as client:
        answer = await client.post("/graphql", json=asked, headers=headers)
    assert answer.status_code == 401
    wanted = challenge or 'Bearer realm="eiso", error="invalid_token"'
    assert answer.headers["www-authenticate"] == wanted
    body = answer.json()
    assert "data" not in body
    [error] = body["errors"]
    assert error["extensions"]["code"] == "not_signed_in"
    assert "refreshSession" in error["extensions"]["remedy"]


async def test_what_was_given_beside_it_is_kept():
    """The first command has acted: its answer must reach the client, or it would not know what it did."""
    document = a_document()
    bus = FakeBus(start_revision=document, submit_revision=Forbidden("not_signed_in"))
    query = """mutation($a: StartRevisionInput!, $b: SubmitRevisionInput!) {
      startRevision(input: $a) { ... on Document { code } } submitRevision(input: $b) { __typename } }"""
    started = {**GIVEN, "uploadId": str(uuid4()), "changeNote": "Sửa bước 2"}
    fields = SCHEMA._schema.type_map["StartRevisionInput"].fields
    started = {name: value for name, value in started.items() if name in fields}
    async with client_of(bus) as client:
        answer = await client.post("/graphql", json={"query": query, "variables": {"a": started, "b": GIVEN}})
    assert answer.status_code == 200
    assert answer.json()["data"] == {"startRevision": {"code": document.code}, "submitRevision": None}
    [error] = answer.json()["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("not_signed_in", ["submitRevision"])


async def test_a_defect_in_one_command_does_not_take_the_others_answer_along():
    document = a_document()
    answers = iter([document, ValueError("broken")])
    bus = FakeBus(submit_revision=lambda body: next(answers))
    query = """mutation($a: SubmitRevisionInput!, $b: SubmitRevisionInput!) {
      a: submitRevision(input: $a) { ... on Document { code } }
      b: submitRevision(input: $b) { __typename } }"""
    async with client_of(bus) as client:
        answer = await client.post("/graphql", json={"query": query, "variables": {"a": GIVEN, "b": GIVEN}})
    assert answer.json()["data"] == {"a": {"code": document.code}, "b": None}
    assert answer.json()["errors"][0]["extensions"]["code"] == "defect"


async def test_other_refusals_of_commands_stay_data_and_200():
    bus = FakeBus(submit_revision=NotFound("document_not_found"), list_documents=a_page([]))
    async with client_of(bus) as client:
        answer = await client.post("/graphql", json=DONE)
    assert answer.status_code == 200
    assert answer.json()["data"]["submitRevision"]["__typename"] == "NotFoundProblem"


async def test_what_is_open_to_all_is_given_beside_what_is_not():
    bus = FakeBus(clock=a_clock())
    async with client_of(bus) as client:
        answer = await client.post(
            "/graphql", json={"query": "{ clock { isShifted } dossiers { edges { cursor } } }"}
        )
    assert answer.status_code == 200
    assert answer.json()["data"] == {"clock": {"isShifted": False}, "dossiers": None}
