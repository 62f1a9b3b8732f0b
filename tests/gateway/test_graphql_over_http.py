"""What GraphQL over HTTP asks of a server with MUST and SHOULD, as the `graphql-http` audit checks it."""

import json

import pytest

from gateway.edge.media import chosen_type
from tests.gateway.fakes import FakeBus, a_clock, client_of

JSON, GRAPHQL = "application/json", "application/graphql-response+json"
QUERY = {"query": "{ __typename }"}
NOT_RUN = {
    "no document": {"query": "{"},
    "invalid": {"query": "{ clock { mood } }"},
    "past a limit": {"query": "{ " + "clock { isShifted } " * 11 + "}"},
    "a variable that does not fit": {
        "query": "query($id: UUID!) { agency(id: $id) { name } }",
        "variables": {"id": "?"},
    },
}
ACCEPTED = {
    "nothing said": (None, JSON),
    "anything": ("*/*", JSON),
    "JSON": (JSON, JSON),
    "the new type": (GRAPHQL, GRAPHQL),
    "both": (f"{GRAPHQL}, {JSON}", GRAPHQL),
    "as graphql-http's own client": (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
    "as Apollo's": (f"{GRAPHQL},{JSON};q=0.9,*/*;q=0.8", GRAPHQL),
    "JSON first": (f"{JSON}, {GRAPHQL};q=0.5", JSON),
    "neither": ("text/html", JSON),
    "the new type refused": (f"{GRAPHQL};q=0, */*", JSON),
    "babble": (";;q=x,,", JSON),
}


@pytest.fixture
async def http():
    async with client_of(FakeBus(clock=a_clock())) as client:
        del client.headers["accept"]
        yield client


@pytest.mark.parametrize(("accept", "given"), ACCEPTED.values(), ids=ACCEPTED.keys())
async def test_the_media_type_is_the_one_asked_for_in_utf_8(http, accept, given):
    answer = await http.post("/graphql", json=QUERY, headers={"accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{given}; charset=utf-8"
    assert answer.json() == {"data": {"__typename": "Query"}}
    assert chosen_type(accept) == given


@pytest.mark.parametrize("asked", NOT_RUN.values(), ids=NOT_RUN.keys())
@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL, 400), ("*/*", 400)])
async def test_what_was_not_run_has_no_data_and_the_status_of_its_media_type(http, asked, accept, status):
    answer = await http.post("/graphql", json=asked, headers={"accept": accept})
    assert answer.status_code == status
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
@pytest.mark.parametrize("name", ["query", "variables", "operationName", "extensions"])
@pytest.mark.parametrize(
    "value", ["text", 7, True, ["a"], {"a": 1}], ids=["text", "int", "bool", "list", "map"]
)
async def test_a_parameter_of_the_wrong_type_is_400_whatever_is_accepted(http, accept, name, value):
    fits = {"query": False, "variables": dict, "operationName": str, "extensions": dict}[name]
    if fits and isinstance(value, fits):
        pytest.skip("this one fits")
    body = {**QUERY, name: value}
    answer = await http.post("/graphql", json=body, headers={"accept": accept})
    assert answer.status_code in ((400,) if not (name == "query" and value == "text") else (200, 400))
    assert "data" not in answer.json()


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
@pytest.mark.parametrize("more", [{}, {"variables": None}, {"operationName": None}, {"extensions": None}])
@pytest.mark.parametrize("fit", [{}, {"variables": {"a": "b"}}, {"extensions": {"a": 1}}])
async def test_parameters_that_fit_are_taken(http, accept, more, fit):
    answer = await http.post("/graphql", json={**QUERY, **more, **fit}, headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.json()["data"]


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_an_operation_is_chosen_by_its_name(http, accept):
    body = {"query": "query A { a: __typename } query B { b: __typename }", "operationName": "B"}
    answer = await http.post("/graphql", json=body, headers={"accept": accept})
    assert answer.json() == {"data": {"b": "Query"}}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_what_is_no_json_is_400(http, accept):
    headers = {"accept": accept, "content-type": JSON}
    answer = await http.post("/graphql", content=b'{ "not json', headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", [JSON, f"{JSON}; charset=utf-8", f"{JSON};charset=UTF-8"])
async def test_a_request_is_read_as_utf_8_said_or_not(http, kind):
    body = json.dumps({"query": '{ __type(name: "Ă") { name } }'}, ensure_ascii=False).encode()
    answer = await http.post("/graphql", content=body, headers={"content-type": kind})
    assert answer.json() == {"data": {"__type": None}}


async def test_a_request_that_says_no_content_type_is_4xx_and_get_runs_no_mutation(http):
    bare = await http.post("/graphql", content=b'{"query": "{ __typename }"}')
    assert 400 <= bare.status_code < 500
    got = await http.get("/graphql", params={"query": "mutation { __typename }"})
    assert 400 <= got.status_code < 500
