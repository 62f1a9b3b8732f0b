"""Bad GraphQL at the real gateway: each answered clearly in both languages, nothing done, nothing harmed."""

import json
from uuid import uuid4

import pytest

from gateway.edge.graphql_http import LONGEST_TOKEN
from tests.e2e.asking import a_word_file, ask, command, errors_of, is_clear
from tests.e2e.conftest import COMMUNE, DEPARTMENT

pytestmark = pytest.mark.usefixtures("unharmed")

CLOCK = "{ clock { isShifted } }"


def nested(levels: int) -> str:
    return "{ agencies { edges { node " + "{ parent " * levels + "{ name }" + " }" * levels + " } } }"


def a_fragment_bomb(levels: int) -> str:
    """A few hundred tokens that ask for 2^levels fields."""
    parts = [f"fragment F{n} on Clock {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return " ".join(["{ clock { ...F0 } }", *parts, f"fragment F{levels} on Clock {{ isShifted }}"])


def aliases(times: int, field: str = "clock { isShifted }") -> str:
    return "{ " + " ".join(f"a{n}: {field}" for n in range(times)) + " }"


QUERIES = {
    "cut off": ("{ clock { ", "query_malformed"),
    "no text": ("", "query_malformed"),
    "another language": ("select * from documents; --", "query_malformed"),
    "an unknown field": ("{ clock { mood } }", "query_invalid"),
    "too deep": (nested(13), "query_too_deep"),
    "very deep": (nested(300), "query_too_deep"),
    "aliases": (aliases(26), "too_many_aliases"),
    "a thousand aliases": (aliases(1000), "query_too_long"),
    "aliases inside fragments": (
        "{ " + "...F " * 9 + "} fragment F on Query { a: clock { b: isShifted c: realNow d: businessNow } }",
        "too_many_aliases",
    ),
    "a fragment bomb": (a_fragment_bomb(60), "too_many_selections"),
    "fragments in a circle": (
        "{ clock { ...A } } fragment A on Clock { ...B } fragment B on Clock { ...A }",
        "circular_fragments",
    ),
    "one field many times": ("{ clock { " + "isShifted " * 300 + "} }", "too_many_repeats"),
    "directives": ("{ clock { isShifted " + "@skip(if: false) " * 200 + "} }", "too_many_directives"),
    "passwords by alias": (
        "mutation " + aliases(6, "signIn(input: {}) { __typename }"),
        "too_many_mutations",
    ),
    "a subscription over HTTP": ("subscription { noticePosted { number } }", "subscription_over_http"),
}


@pytest.mark.parametrize(("query", "code"), QUERIES.values(), ids=QUERIES.keys())
async def test_a_bad_document_is_refused_with_its_reason(http, query, code):
    answer = await ask(http, query)
    assert answer.status_code == 400
    assert errors_of(answer)[0]["code"] == code


BODIES = {
    "no JSON": (b"{", "application/json", 400, "not_json"),
    "no UTF-8": (b'{"query": "\xff"}', "application/json", 400, "not_json"),
    "half a surrogate": (
        b'{"query": "{ clock }", "variables": {"a": "\\ud800"}}',
        "application/json",
        400,
        None,
    ),
    "a list": (json.dumps([{"query": CLOCK}]).encode(), "application/json", 400, "batch_not_allowed"),
    "query is no text": (b'{"query": 7}', "application/json", 400, "request_malformed"),
    "deep JSON": (b"[" * 200_000, "application/json", 400, "json_too_deep"),
    "a form": (b"query={clock}", "application/x-www-form-urlencoded", 415, "json_only"),
    "pickle": (b"\x80\x04}\x94.", "application/x-python-serialize", 415, "json_only"),
    "10 MB": (b'{"query": "' + b"x" * 10_000_000 + b'"}', "application/json", 413, "body_too_large"),
}


@pytest.mark.parametrize(("body", "kind", "status", "code"), BODIES.values(), ids=BODIES.keys())
async def test_a_bad_body_is_refused_with_its_reason(http, body, kind, status, code):
    answer = await http.post("/graphql", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert code in (None, errors_of(answer)[0]["code"])


async def test_ten_megabytes_that_do_not_say_how_long_they_are_are_refused(http):
    async def endless():
        for _ in range(160):
            yield b" " * 65_536

    answer = await http.post("/graphql", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert errors_of(answer)[0]["code"] == "body_too_large"


TOO_LONG = "Bearer " + "x" * (LONGEST_TOKEN + 1)


@pytest.mark.parametrize("header", ["Bearer", "Basic YTpi", "Bearer a b", TOO_LONG, "grant"])
async def test_an_authorization_of_another_form_is_named(http, header):
    answer = await ask(http, CLOCK, Authorization=header)
    assert answer.status_code == 401
    [said] = errors_of(answer)
    assert (said["code"], said["field"]) == ("not_signed_in", "authorization")


QUESTIONS = {
    "no UUID": ("query($id: UUID!) { document(id: $id) { code } }", {"id": "QTTP-20"}, 400, "id"),
    "a number for a UUID": ("query($id: UUID!) { document(id: $id) { code } }", {"id": 20}, 400, "id"),
    "no date": (
        "query($d: Date) { agencies(asOf: $d) { unused: __typename } }",
        {"d": "31/12/2026"},
        400,
        "d",
    ),
    "no such day": (
        "query($d: Date) { agencies(asOf: $d) { a: __typename } }",
        {"d": "2026-02-30"},
        400,
        "d",
    ),
    "too large a page": ("{ documents(first: 101) { edges { cursor } } }", {}, 200, "first"),
    "an empty page": ("{ documents(first: 0) { edges { cursor } } }", {}, 200, "first"),
    "no cursor": ('{ documents(after: "abc") { edges { cursor } } }', {}, 200, "after"),
    "a NUL": (
        "query($s: String) { documents(search: $s) { edges { cursor } } }",
        {"s": "a\0b"},
        200,
        "search",
    ),
    "a negative number": ("{ notices(afterNumber: -1) { edges { cursor } } }", {}, 200, "afterNumber"),
    "more than an Int": (
        "query($n: Int) { notices(afterNumber: $n) { unread } }",
        {"n": 2**31},
        400,
        "n",
    ),
}


@pytest.mark.parametrize(("query", "given", "status", "field"), QUESTIONS.values(), ids=QUESTIONS.keys())
async def test_a_question_with_a_wrong_value_names_the_field(http, sign_in, query, given, status, field):
    caller = await sign_in(DEPARTMENT, "secretary")
    answer = await ask(http, query, given, token=caller.token)
    assert answer.status_code == status
    assert errors_of(answer)[0]["field"] == field


async def test_a_cursor_of_another_list_is_refused(http, sign_in):
    caller = await sign_in(DEPARTMENT, "secretary")
    query = "query($c: String) { agencies(first: 1, after: $c) { edges { cursor } } }"
    cursor = (await caller.ask(query))["agencies"]["edges"][0]["cursor"]
    wrong = "query($c: String) { notices(first: 1, after: $c) { edges { cursor } } }"
    answer = await ask(http, wrong, {"c": cursor}, token=caller.token)
    assert errors_of(answer)[0]["code"] == "bad_cursor"


BY_DAY = {
    "asOf": "query($d: Date) { asked: agencies(asOf: $d) { edges { node { name } } } }",
    "inForceOn": """query($d: Date) { asked: documents(inForceOn: $d) {
      edges { node { revisionInForce(asOf: $d) { number } } } } }""",
}


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize("field", BY_DAY)
async def test_a_day_that_nobody_means_is_refused_by_its_field(http, sign_in, field, day):
    caller = await sign_in(DEPARTMENT, "secretary")
    answer = await ask(http, BY_DAY[field], {"d": day}, token=caller.token)
    [said] = errors_of(answer)
    assert (said["code"], said["field"]) == ("date_out_of_bounds", field)
    is_clear(said)


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
@pytest.mark.parametrize("field", BY_DAY)
async def test_a_day_at_its_bounds_is_answered(sign_in, field, day):
    caller = await sign_in(DEPARTMENT, "secretary")
    found = (await caller.ask(BY_DAY[field], d=day))["asked"]["edges"]
    if field == "asOf":
        assert (found == []) == (day < "2025")
    else:
        assert found == [] or day > "2025"
        assert all(edge["node"]["revisionInForce"] for edge in found)


SHARED = {"kind": "FORM", "code": "BM.01", "title": "Biểu mẫu", "uploadId": str(uuid4())}
STEP = {"seq": 1, "number": "1", "responsible": "Chuyên viên", "content": "Tiếp nhận"}
WRONG = {
    "an unknown kind": ({"kind": "POEM"}, "kind"),
    "a title that is a list": ({"title": ["a"]}, "title"),
    "no agency": ({"agencyId": None}, "agencyId"),
    "a field that is not there": ({"author": "me"}, "author"),
    "a step that is numbered by a word": (
        {"procedure": {"steps": [STEP | {"seq": "one"}]}},
        "procedure.steps.0.seq",
    ),
}


@pytest.mark.parametrize(("changes", "field"), WRONG.values(), ids=WRONG.keys())
async def test_a_command_with_a_wrong_type_is_not_run_and_names_the_field(http, sign_in, changes, field):
    caller = await sign_in(DEPARTMENT, "secretary")
    given = {"requestId": str(uuid4()), "agencyId": caller.me["agency"]["id"], **SHARED, **changes}
    query = "mutation($input: CreateDocumentInput!) { createDocument(input: $input) { __typename } }"
    answer = await ask(http, query, {"input": given}, token=caller.token)
    assert answer.status_code == 400
    said = errors_of(answer)
    assert field in {each["field"] for each in said}, said


UNFIT = {
    "an empty title": ({"title": ""}, "title", "too_short"),
    "an endless title": ({"title": "a" * 400}, "title", "too_long"),
    "a code of blanks": ({"code": "   "}, "code", "too_short"),
    "too many agencies": ({"distribution": [str(uuid4())] * 501}, "distribution", "too_long"),
    "an upload that is not there": ({}, "uploadId", "upload_not_found"),
    "a NUL in the title": ({"title": "a\0b"}, "title", "forbidden_character"),
    "a duration of a third": (
        {"procedure": {"steps": [STEP | {"duration": {"amount": 0.3, "unit": "WORKING_DAY"}}]}},
        "procedure.steps.0.duration.amount",
        "not_a_multiple",
    ),
    "a day that never ends": (
        {"procedure": {"steps": [STEP | {"duration": {"amount": 1e300, "unit": "WORKING_DAY"}}]}},
        "procedure.steps.0.duration.amount",
        "too_large",
    ),
}


@pytest.mark.parametrize(("changes", "field", "code"), UNFIT.values(), ids=UNFIT.keys())
async def test_a_command_that_breaks_a_rule_is_a_problem_naming_the_field(
    http, sign_in, changes, field, code
):
    caller = await sign_in(DEPARTMENT, "secretary")
    given = {"agencyId": caller.me["agency"]["id"], **SHARED, **changes}
    problem = await command(caller, http, "createDocument", "Document { id }", **given)
    assert (problem["code"], problem["field"]) == (code, field)
    is_clear(problem)


async def test_nobody_does_anything_without_signing_in(http):
    query = "{ documents { edges { cursor } } notices { unread } me { businessToday } }"
    answer = await ask(http, query)
    assert {each["code"] for each in errors_of(answer)} == {"not_signed_in"}
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="eiso"')
    given = {"requestId": str(uuid4()), "documentId": str(uuid4()), "expectedVersion": 1}
    mutation = "mutation($input: SubmitRevisionInput!) { submitRevision(input: $input) { __typename } }"
    answer = await ask(http, mutation, {"input": given})
    assert answer.status_code == 401
    assert [each["code"] for each in errors_of(answer)] == ["not_signed_in"]


async def test_another_agency_is_refused_like_one_that_does_not_exist(http, sign_in):
    caller, elsewhere = await sign_in(COMMUNE, "secretary"), await sign_in(DEPARTMENT, "secretary")
    file = a_word_file()
    said = []
    for agency in (elsewhere.me["agency"]["id"], str(uuid4())):
        asked = {"agencyId": agency, "name": file.name, "mediaType": file.media_type}
        asked |= {"size": len(file.content), "sha256": "0" * 64}
        said.append(await command(caller, http, "reserveUpload", "UploadTicket { url }", **asked))
        said.append(
            await command(caller, http, "createDocument", "Document { id }", **SHARED, agencyId=agency)
        )
    assert all(each == said[0] for each in said)
    assert is_clear(said[0])["code"] == "not_permitted"
