"""Every request past a limit is answered at once, clearly, in both languages, and never with a 5xx."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.graphql.guard import Guard, Unreadable, chosen
from gateway.graphql.limits import Limits
from gateway.schema.assembled import SCHEMA
from tests.gateway.fakes import FakeBus, a_clock, a_page, client_of

CLOCK = "{ clock { isShifted } }"


def nested(levels: int) -> str:
    return "{ agency(id: 1) " + "{ parent " * levels + "{ name }" + " }" * levels + " }"


def a_fragment_bomb(levels: int) -> str:
    """A few hundred tokens that ask for 2^levels fields."""
    parts = ["query { clock { ...F0 } }"]
    parts += [f"fragment F{n} on Clock {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return " ".join([*parts, f"fragment F{levels} on Clock {{ isShifted }}"])


def aliased_fragments(times: int) -> str:
    spread = " ".join(f"x{n}: clock {{ ...F }}" for n in range(times))
    return f"query {{ {spread} }} fragment F on Clock {{ a: isShifted b: realNow }}"


ATTACKS = {
    "deep": (nested(13), "query_too_deep"),
    "very deep": (nested(400), "query_too_deep"),
    "deep lists in arguments": ("{ agency(id: " + "[" * 600 + "]" * 600 + ") { name } }", None),
    "many aliases": ("{ " + " ".join(f"a{n}: clock {{ isShifted }}" for n in range(26)) + " }", None),
    "aliases inside fragments": (aliased_fragments(12), "too_many_aliases"),
    "fragment bomb": (a_fragment_bomb(60), "too_many_selections"),
    "circular fragments": (
        "{ clock { ...A } } fragment A on Clock { ...B } fragment B on Clock { ...A }",
        "circular_fragments",
    ),
    "a fragment in itself": ("{ ...A } fragment A on Query { ...A }", "circular_fragments"),
    "long chain of fragments": (
        "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(240)),
        None,
    ),
    "repeats": ("{ clock { " + "isShifted " * 300 + "} }", "too_many_repeats"),
    "many fields": ("{ " + " ".join(f"x{n}" for n in range(401)) + " }", "too_many_selections"),
    "directives": ("{ clock { isShifted " + "@skip(if: false) " * 200 + "} }", "too_many_directives"),
    "tokens": ("{ " + "a " * 2001 + "}", "query_too_long"),
    "operations": (
        " ".join(f"query Q{n} {CLOCK}" for n in range(11)),
        "too_many_operations",
    ),
    "guessing passwords by alias": (
        "mutation { " + " ".join(f"a{n}: signIn(input: {{}}) {{ __typename }}" for n in range(6)) + " }",
        "too_many_mutations",
    ),
    "a call for every row": (
        "{ documents(first: 100) { edges { node { revisions { download { url } } } } } }",
        "too_many_calls",
    ),
    "a call for every row, by variable": (
        "query ($n: Int!) { agencies(first: $n) { edges { node { positions(first: $n) "
        "{ edges { node { agency { positions { edges { cursor } } } } } } } } } }",
        "too_many_calls",
    ),
    "introspection of introspection": (
        "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
        "query_invalid",
    ),
    "syntax": ("{ clock { ", "query_malformed"),
    "no text": ("", "query_malformed"),
    "only a comment": ("# ?", "query_malformed"),
    "unknown field": ("{ clock { mood } }", "query_invalid"),
    "not a query": ("type A { b: Int }", None),
    "a very long name": ("{ " + "x" * 100_000 + " }", "query_invalid"),
    "control characters": ("{ clock \x00 }", "query_malformed"),
}


@pytest.mark.parametrize(("query", "code"), ATTACKS.values(), ids=ATTACKS.keys())
async def test_a_document_past_a_limit_is_refused_with_every_word(client, query, code):
    answer = await client.post("/graphql", json={"query": query})
    assert answer.status_code == 400
    body = answer.json()
    assert "data" not in body
    for error in body["errors"]:
        said = error["extensions"]
        assert error["message"] == said["message"]
        assert said["messageEn"]
        assert said["remedy"]
        assert said["remedyEn"]
        assert said["traceId"] == answer.headers["x-trace-id"]
        assert code in (None, said["code"])
    assert "Traceback" not in answer.text
    assert len(answer.text) < 20_000


MOST_LINES = 1_000_000
"""About half a second of one core; the dearest of the attacks needs half of it."""


@contextmanager
def lines_run() -> Iterator[Counter[str]]:
    """Counts the lines of Python that run inside the block: work, however busy the machine is."""
    counted: Counter[str] = Counter()

    def count(_frame: Any, event: str, _given: Any) -> Any:
        if event == "line":
            counted["lines"] += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        yield counted
    finally:
        sys.settrace(before)


@pytest.mark.parametrize(("query", "code"), ATTACKS.values(), ids=ATTACKS.keys())
def test_a_document_past_a_limit_costs_little_work(query, code):
    guard = Guard(SCHEMA._schema)
    guard.read(CLOCK)  # the first document has the schema itself looked through
    with lines_run() as counted, pytest.raises(Unreadable):
        chosen(guard.read(query), None)
    assert counted["lines"] < MOST_LINES


def test_a_fragment_bomb_costs_work_in_line_with_its_length():
    """Eight times the length: about eight times the work, and far from the square of it."""
    guard = Guard(SCHEMA._schema, Limits(tokens=20_000))

    def spent_on(fragments: int) -> int:
        with lines_run() as counted, pytest.raises(Unreadable):
            guard.read(a_fragment_bomb(fragments))
        return counted["lines"]

    assert spent_on(1601) < 9 * spent_on(201)


BODIES = {
    "no JSON": (b"{", "application/json", 400, "not_json"),
    "no text": (b"\xff\xfe", "application/json", 400, "not_json"),
    "empty": (b"", "application/json", 400, "not_json"),
    "a list": (b'[{"query": "{clock{isShifted}}"}]', "application/json", 400, "batch_not_allowed"),
    "a number": (b"7", "application/json", 400, "request_malformed"),
    "null": (b"null", "application/json", 400, "request_malformed"),
    "no query": (b"{}", "application/json", 400, "request_malformed"),
    "query is no text": (b'{"query": {"a": 1}}', "application/json", 400, "request_malformed"),
    "variables are no object": (
        b'{"query": "{a}", "variables": [1]}',
        "application/json",
        400,
        "request_malformed",
    ),
    "operation name is no text": (
        b'{"query": "{a}", "operationName": 4}',
        "application/json",
        400,
        "request_malformed",
    ),
    "deep JSON": (b"[" * 100_000, "application/json", 400, None),
    "a form": (b"query={clock}", "application/x-www-form-urlencoded", 415, "json_only"),
    "multipart": (b"--x", "multipart/form-data; boundary=x", 415, "json_only"),
    "plain text": (b"{clock}", "text/plain", 415, "json_only"),
    "10 MB": (b"x" * 10_000_000, "application/json", 413, "body_too_large"),
}


@pytest.mark.parametrize(("body", "kind", "status", "code"), BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_is_no_request_is_refused(client, body, kind, status, code):
    answer = await client.post("/graphql", content=body, headers={"content-type": kind})
    [error] = answer.json()["errors"]
    assert answer.status_code == status
    assert code in (None, error["extensions"]["code"])
    assert error["extensions"]["messageEn"]


async def test_a_body_without_a_length_is_measured_while_it_arrives(client):
    async def endless():
        for _ in range(300):
            yield b" " * 1024

    answer = await client.post("/graphql", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_only_post_is_served(client, method):
    answer = await client.request(method, "/graphql", params={"query": CLOCK})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    if method != "HEAD":
        assert answer.json()["errors"][0]["extensions"]["code"] == "post_only"


VARIABLES = {
    "no UUID": ({"id": "abc"}, "id"),
    "a number": ({"id": 7}, "id"),
    "missing": ({}, "id"),
    "null": ({"id": None}, "id"),
    "a list": ({"id": ["a"]}, "id"),
    "an object": ({"id": {"a": {"b": "c"}}}, "id"),
}


@pytest.mark.parametrize(("given", "field"), VARIABLES.values(), ids=VARIABLES.keys())
async def test_a_variable_of_the_wrong_type_is_named(client, given, field):
    query = "query ($id: UUID!) { agency(id: $id) { name } }"
    answer = await client.post("/graphql", json={"query": query, "variables": given})
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "variable_invalid"
    assert error["extensions"]["field"] == field


async def test_a_wrong_value_deep_inside_an_input_is_named_by_its_path(client):
    query = "mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { __typename } }"
    given = {"requestId": "x", "procedure": {"steps": [{"seq": "one", "duration": {"unit": "DAY"}}]}}
    answer = await client.post("/graphql", json={"query": query, "variables": {"input": given}})
    assert answer.status_code == 400
    fields = {error["extensions"]["field"] for error in answer.json()["errors"]}
    wrong = {"requestId", "procedure.steps.0.seq", "procedure.steps.0.duration.unit"}
    assert wrong | {"agencyId", "title", "procedure.steps.0.duration.amount"} <= fields


async def test_of_several_operations_one_must_be_named(client):
    query = f"query A {CLOCK} query B {CLOCK}"
    unnamed = await client.post("/graphql", json={"query": query})
    unknown = await client.post("/graphql", json={"query": query, "operationName": "C"})
    named = await client.post("/graphql", json={"query": query, "operationName": "B"})
    for answer in (unnamed, unknown):
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "operation_unknown"
    assert named.json() == {"data": {"clock": {"isShifted": False}}}


async def test_a_subscription_over_http_is_shown_the_way(client):
    query = {"query": "subscription { noticePosted { number } }"}
    answer = await client.post("/graphql", json=query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "subscription_over_http"


async def test_production_shows_no_schema_and_serves_no_graphiql():
    bus = FakeBus(clock=a_clock())
    async with client_of(bus, eiso_mode="production", demo_accounts_file="/nowhere") as client:
        asked = await client.post("/graphql", json={"query": "{ __schema { types { name } } }"})
        pages = [(await client.get(path)).status_code for path in ("/graphiql", "/schema.graphql")]
        home = await client.get("/")
    assert asked.json()["errors"][0]["extensions"]["code"] == "introspection_off"
    assert pages == [404, 404]
    assert "sign-in" not in home.text
    assert "strict-transport-security" in home.headers


SUGGESTING = {
    "a field": ("{ documnts { edges { cursor } } }", None),
    "a field inside": ("{ clock { isShiftd } }", None),
    "an argument": ("{ documents(frst: 3) { edges { cursor } } }", None),
    "a type": ("query ($a: CreateDocumentInputt!) { clock { isShifted } }", None),
    "a fragment's type": ("{ clock { ...A } } fragment A on Clok { isShifted }", None),
    "a literal of an enumeration": ("{ documents(kind: PROCEDUR) { edges { cursor } } }", None),
    "an input's field": ("mutation { signOut(input: {requestIdd: 1}) { __typename } }", None),
    "a variable's value": (
        "query ($k: DocumentKind) { documents(kind: $k) { edges { cursor } } }",
        {"k": "PROCEDUR"},
    ),
    "a variable's field": (
        "mutation ($i: SignOutInput!) { signOut(input: $i) { __typename } }",
        {"i": {"requestIdd": 1}},
    ),
}


@pytest.mark.parametrize(("query", "variables"), SUGGESTING.values(), ids=SUGGESTING.keys())
async def test_production_does_not_help_to_guess_the_schema(query, variables):
    asked = {"query": query, "variables": variables}
    async with client_of(FakeBus()) as local, client_of(FakeBus(), eiso_mode="production") as production:
        helped = await local.post("/graphql", json=asked)
        said = await production.post("/graphql", json=asked)
    assert "Did you mean" in helped.text, "else there is nothing to withhold"
    assert said.status_code == 400
    assert "Did you mean" not in said.text
    assert said.json()["errors"][0]["extensions"]["remedy"]


PLACED = {
    "a literal": ("{ agency(id: 7) { name } }", "agency.id", 14),
    "a literal inside an input": (
        'mutation { signOut(input: {requestId: "?", refreshToken: 7}) { __typename } }',
        "signOut.input.requestId",
        39,
    ),
    "too deep": (nested(13), "agency" + ".parent" * 13 + ".name", None),
    "a name repeated": ("{ clock { " + "isShifted " * 11 + "} }", "clock.isShifted", 11),
    "too many aliases": (
        "{ clock { isShifted } documents { " + " ".join(f"a{n}: __typename" for n in range(26)) + " } }",
        "documents",
        23,
    ),
    "a circle": ("{ ...A } fragment A on Query { clock { isShifted } ...A }", None, 52),
}


@pytest.mark.parametrize(("query", "field", "column"), PLACED.values(), ids=PLACED.keys())
async def test_an_error_of_the_text_says_where(client, query, field, column):
    [error] = (await client.post("/graphql", json={"query": query})).json()["errors"][:1]
    assert error["extensions"]["field"] == field
    [place] = error["locations"]
    assert place["line"] == 1
    assert column in (None, place["column"])


KEPT_BACK = ("/metrics", "/ready", "/processes")
FORWARDED = {"x-forwarded-for": "10.9.1.1"}
VISITS = {
    "from the machine itself": ({}, {}, True),
    "from elsewhere": ({"observers": "10.9.0.0/16"}, {}, False),
    # Behind a proxy of this machine that nobody named, all the world would come from 127.0.0.1.
    "through a proxy nobody named": ({}, {"x-forwarded-for": "203.0.113.7"}, False),
    "through one that names nobody": ({}, {"via": "1.1 proxy"}, False),
    "by who says they are a keeper": ({}, FORWARDED, False),
    "by a keeper through our proxy": ({"trusted_proxies": "127.0.0.1"}, FORWARDED, True),
    "by a stranger through our proxy": (
        {"trusted_proxies": "127.0.0.1"},
        {"x-forwarded-for": "203.0.113.7"},
        False,
    ),
}


@pytest.mark.parametrize(("more", "headers", "seen"), VISITS.values(), ids=VISITS.keys())
async def test_production_shows_how_it_stands_only_to_its_keepers(more, headers, seen):
    bus = FakeBus(clock=a_clock())
    keepers = {"eiso_mode": "production", "observers": "127.0.0.1,10.9.0.0/16"}
    async with client_of(bus, **keepers | more) as client:
        said = [(await client.get(path, headers=headers)).status_code for path in KEPT_BACK]
        live = await client.get("/live", headers=headers)
        home = await client.get("/", headers=headers)
    assert said == ([200] * 3 if seen else [404] * 3)
    assert live.status_code == home.status_code == 200
    assert ('id="processes"' in home.text) is seen


async def test_what_graphiql_asks_of_the_schema_is_let_through(client):
    from graphql import get_introspection_query

    query = get_introspection_query(descriptions=True, input_value_deprecation=True)
    answer = await client.post("/graphql", json={"query": query})
    assert answer.status_code == 200
    assert len(answer.json()["data"]["__schema"]["types"]) > 50


async def test_a_document_is_read_once_however_often_it_is_sent(client):
    guard = Guard(SCHEMA._schema)
    assert guard.read(CLOCK) is guard.read(CLOCK)


async def test_a_page_is_bounded_by_the_service_s_own_rule():
    bus = FakeBus(list_documents=a_page([]))
    async with client_of(bus) as client:
        query = "{ documents(first: 100000) { edges { cursor } } }"
        answer = await client.post("/graphql", json={"query": query})
    assert answer.status_code == 200
    assert bus.calls[-1][1]["first"] == 100_000


def test_bodies_are_measured_against_the_published_limit():
    assert Limits().body_bytes == 256 * 1024
    assert len(json.dumps({"query": CLOCK})) < Limits().body_bytes
