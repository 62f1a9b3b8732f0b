"""A refusal is data in a mutation, an error beside the data in a query; a defect is masked."""

from uuid import uuid4

import pytest

from kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from tests.gateway.fakes import (
    FakeBus,
    a_document,
    a_me,
    a_page,
    a_person,
    among,
    an_agency,
    client_of,
    run,
)

SUBMIT = """mutation ($input: SubmitRevisionInput!) { submitRevision(input: $input) {
  __typename
  ... on Document { code version }
  ... on Problem { code message messageEn remedy remedyEn field }
} }"""


def an_order():
    return {"requestId": str(uuid4()), "documentId": str(uuid4()), "expectedVersion": 3}


async def test_a_command_goes_to_its_service_as_its_contract_and_shows_what_it_made():
    bus, order = FakeBus(submit_revision=a_document(version=4)), an_order()
    answer = await run(bus, SUBMIT, {"input": order})
    shown = {"__typename": "Document", "code": "QTTP-20", "version": 4}
    assert answer.data["submitRevision"] == shown
    body = {
        "request_id": order["requestId"],
        "document_id": order["documentId"],
        "expected_version": 3,
    }
    assert bus.calls == [("documents.submit_revision", body)]
    assert bus.tokens == ["grant"]


@pytest.mark.parametrize(
    ("refusal", "typename"),
    [
        (Invalid("too_short", "changeNote", name="changeNote", limit=3), "InvalidProblem"),
        (NotFound("upload_not_found"), "NotFoundProblem"),
        (Forbidden("not_permitted"), "ForbiddenProblem"),
        (Conflict("changed_meanwhile"), "ConflictProblem"),
        (Unavailable("no_answer_in_time", service="documents"), "UnavailableProblem"),
    ],
    ids=lambda given: given if isinstance(given, str) else given.code,
)
async def test_each_refusal_of_a_command_is_a_member_of_its_union(refusal, typename):
    answer = await run(FakeBus(submit_revision=refusal), SUBMIT, {"input": an_order()})
    assert answer.errors is None
    said = answer.data["submitRevision"]
    assert said.pop("__typename") == typename
    assert said == {
        "code": refusal.code,
        "message": refusal.message.vi,
        "messageEn": refusal.message.en,
        "remedy": refusal.remedy.vi,
        "remedyEn": refusal.remedy.en,
        "field": refusal.field,
    }


async def test_a_refused_question_is_an_error_at_its_field_with_the_same_words():
    bus = FakeBus(list_documents=Invalid("bad_cursor", "after"))
    async with client_of(bus) as client:
        answer = await client.post("/graphql", json={"query": "{ documents { edges { cursor } } }"})
    assert answer.status_code == 200
    [error] = answer.json()["errors"]
    assert error["path"] == ["documents"]
    assert error["message"] == error["extensions"]["message"]
    assert error["extensions"]["code"] == "bad_cursor"
    assert error["extensions"]["kind"] == "Invalid"
    assert error["extensions"]["field"] == "after"
    assert error["extensions"]["remedyEn"] == "Use a cursor received with the page before."
    assert error["extensions"]["traceId"] == answer.headers["x-trace-id"]


async def test_null_for_an_argument_that_has_a_default_is_the_callers_mistake():
    """Such a document is valid, so that only running it shows the mistake."""
    bus = FakeBus(list_documents=a_page([]))
    given = {
        "query": "query ($n: Int = 1) { documents(first: $n) { edges { cursor } } }",
        "variables": {"n": None},
    }
    async with client_of(bus) as client:
        answer = await client.post("/graphql", json=given)
    [error] = answer.json()["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("variable_invalid", "first")
    assert "null" in error["extensions"]["messageEn"].replace("non-null", "")
    assert "None" not in error["extensions"]["messageEn"]


async def test_an_absent_service_costs_its_fields_only():
    document = a_document()
    bus = FakeBus(
        list_documents=a_page([document]),
        agencies_by_ids=Unavailable("service_unavailable", service="directory"),
    )
    answer = await run(bus, "{ documents { edges { node { code agency { name } } } } }")
    node = answer.data["documents"]["edges"][0]["node"]
    assert node == {"code": "QTTP-20", "agency": None}
    assert answer.errors[0].extensions["code"] == "service_unavailable"


async def test_a_refused_relation_costs_itself_only():
    document = a_document()
    bus = FakeBus(list_documents=a_page([document]), trail_of=Forbidden("not_permitted"))
    answer = await run(bus, "{ documents { edges { node { code trail { action } } } } }")
    node = answer.data["documents"]["edges"][0]["node"]
    assert node == {"code": "QTTP-20", "trail": None}
    assert answer.errors[0].extensions["code"] == "not_permitted"


async def test_notices_without_a_person_are_refused_before_any_call():
    bus = FakeBus()
    answer = await run(bus, "{ notices { unread } }", token=None)
    assert answer.errors[0].extensions["code"] == "not_signed_in"
    assert bus.calls == []


@pytest.mark.parametrize(
    "defect", [RuntimeError("the disk of db-3 is full"), None], ids=["raised", "outside contract"]
)
async def test_a_defect_is_masked_and_logged_under_its_trace_id(defect, caplog):
    bus = FakeBus(list_agencies=defect or {"nonsense": True})
    async with client_of(bus) as client:
        answer = await client.post("/graphql", json={"query": "{ agencies { edges { cursor } } }"})
    assert answer.status_code == 200
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "defect"
    assert answer.headers["x-trace-id"] in error["extensions"]["message"]
    assert "db-3" not in answer.text
    assert "contract" not in answer.text
    assert any(record.exc_info for record in caplog.records)


async def test_a_defect_behind_a_command_is_masked_too():
    answer = await run(FakeBus(submit_revision=KeyError("secret")), SUBMIT, {"input": an_order()})
    assert "secret" not in str(answer.errors)
    assert answer.errors[0].extensions["code"] == "defect"


async def test_the_caller_s_token_and_trace_travel_with_every_call():
    bus = FakeBus(me=a_me())
    trace = "a" * 32
    async with client_of(bus) as client:
        answer = await client.post(
            "/graphql",
            json={"query": "{ me { person { fullName } } }"},
            headers={"authorization": "Bearer mine", "traceparent": f"00-{trace}-{'b' * 16}-01"},
        )
    assert answer.json()["data"]["me"]["person"]["fullName"] == "Đinh Thị Mơ"
    assert answer.headers["x-trace-id"] == trace
    assert bus.tokens == ["mine"]


async def test_nobody_s_questions_carry_the_public_token_fetched_once():
    agency = an_agency()
    bus = FakeBus(agencies_by_ids=among([agency]), people_by_ids=among([a_person()]))
    query = {"query": "query ($id: UUID!) { agency(id: $id) { name } person(id: $id) { id } }"}
    async with client_of(bus) as client:
        for _ in range(3):
            await client.post("/graphql", json=query | {"variables": {"id": str(agency.id)}})
    assert [method for method, _ in bus.calls].count("directory.public_grant") == 1
    assert set(bus.tokens) == {None, "public"}


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer a b", "mine", "Bearer " + "x" * 11_000])
async def test_an_authorization_that_is_none_is_said_so(client, header):
    query = {"query": "{ clock { isShifted } }"}
    answer = await client.post("/graphql", json=query, headers={"authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="eiso", error="invalid_token"'
    assert answer.json()["errors"][0]["extensions"]["code"] == "not_signed_in"
