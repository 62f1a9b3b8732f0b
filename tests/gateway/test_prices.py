"""No field makes calls without a price, and no price is less than what is paid."""

import ast
import inspect
import textwrap
from types import FunctionType, SimpleNamespace
from typing import Any

import pytest

from contracts.documents.documents import DocumentFigures
from gateway.graphql.context import Context
from gateway.graphql.guard import Guard, Unreadable
from gateway.graphql.limits import Limits
from gateway.graphql.prices import FREE, derived, price_of, reached
from gateway.schema.assembled import SCHEMA
from gateway.schema.succession import agencies_ever
from tests.gateway.fakes import FakeBus, a_page, among, an_agency, client_of

LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def resolvers() -> dict[str, Any]:
    """Every field that has a resolver, with what graphql-core holds of it."""
    found = {}
    for kind in SCHEMA._schema.type_map.values():
        for name, field in (getattr(kind, "fields", None) or {}).items():
            made = (field.extensions or {}).get("strawberry-definition")
            if getattr(made, "base_resolver", None) is not None:
                found[f"{kind.name}.{name}"] = field
    return found


FIELDS = resolvers()


def body_of(function: FunctionType) -> ast.AST:
    [body] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    return body


def function_of(field: Any) -> FunctionType:
    return field.extensions["strawberry-definition"].base_resolver.wrapped_func


def says_itself(field: Any) -> bool:
    return field.extensions["strawberry-definition"].metadata.get("calls") is not None


def test_the_fields_are_found():
    assert len(FIELDS) > 150


@pytest.mark.parametrize("name", FIELDS)
def test_a_resolver_that_waits_for_anything_has_a_price(name):
    """Independent of how prices are derived: there is nothing to wait for in the gateway but calls."""
    waits = any(
        isinstance(each, ast.Await | ast.AsyncFor | ast.AsyncWith)
        for each in ast.walk(body_of(function_of(FIELDS[name])))
    )
    assert not waits or price_of(FIELDS[name]) != FREE


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if not says_itself(field)])
def test_a_resolver_whose_calls_cannot_be_counted_says_how_many_they_are(name):
    if name.startswith("Subscription."):
        pytest.skip("its calls are made over hours; each result is counted anew")
    for function in reached(function_of(FIELDS[name])):
        uncounted = list(_uncounted(function))
        assert not uncounted, f"{function.__qualname__}: give the field calls=…, or ask for all at once"


def _uncounted(function: FunctionType):
    """Calls made in a loop, kept under another name, or loaded by something of the parent's own."""
    body = body_of(function)
    called = {id(each.func) for each in ast.walk(body) if isinstance(each, ast.Call)}
    for each in ast.walk(body):
        if isinstance(each, ast.Attribute) and each.attr == "ask" and id(each) not in called:
            yield each
        if isinstance(each, LOOPS):
            yield from (one for one in ast.walk(each) if _calls(one, function))
        if isinstance(each, ast.keyword) and each.arg == "as_of" and "self." in ast.unparse(each.value):
            yield each
        if isinstance(each, ast.Call) and ast.unparse(each.func) == "agency_of":
            yield from (one for one in each.args[2:] if "self." in ast.unparse(one))


def _calls(node: ast.AST, function: FunctionType) -> bool:
    if isinstance(node, ast.Attribute) and node.attr in ("ask", "loaders"):
        return True
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return False
    called = function.__globals__.get(node.func.id)
    ours = isinstance(called, FunctionType) and called.__module__.startswith("gateway.")
    return ours and derived(called) != FREE


def test_what_a_resolver_says_is_no_less_than_what_its_code_shows():
    said = {name: field for name, field in FIELDS.items() if says_itself(field)}
    assert said
    for name, field in said.items():
        shown = derived(function_of(field))
        assert price_of(field).each >= shown.each + shown.shared, name


@pytest.mark.parametrize("name", ["Dossier.trail", "Dossier.deadlineExplanation", "Document.trail"])
@pytest.mark.parametrize("kin", ["Nonconformity.trail", "Audit.trail", "Review.trail", "Minute.download"])
def test_the_fields_that_cost_nothing_before_have_a_price(name, kin):
    assert price_of(FIELDS[name]).each == price_of(FIELDS[kin]).each == 1


def refused(query: str, **limits: int) -> dict[str, Any]:
    with pytest.raises(Unreadable) as no:
        Guard(SCHEMA._schema, Limits(**limits)).read(query)
    [error] = no.value.errors
    return error


HEAVY = """
query {
  dossiers(first: 60) { edges { node {
    code
    ...Why
    t: trail(first: 5) { action }
  } } }
}
fragment Why on Dossier {
  deadlineExplanation { segments { minutes } }
}
"""


def test_a_refusal_for_calls_names_the_heaviest_field_its_place_and_what_it_costs():
    error = refused(HEAVY)
    heard = error["extensions"]
    assert heard["code"] == "too_many_calls"
    assert heard["field"] in ("dossiers.edges.node.t", "dossiers.edges.node.deadlineExplanation")
    assert heard["field"] in heard["messageEn"]
    assert "121" in heard["messageEn"], "sixty trails, sixty explanations and the list itself"
    line = error["locations"][0]["line"]
    assert line in (6, 10)
    one = refused(HEAVY.replace("...Why", ""), calls=50)
    assert one["extensions"]["field"] == "dossiers.edges.node.t"
    assert one["locations"] == [{"line": 6, "column": 5}]


def test_one_kilobyte_no_longer_costs_two_thousand_calls():
    parts = "trail { id } deadlineExplanation { segments { minutes } }"
    aliased = " ".join(f"a{n}: dossiers(first: 100) {{ edges {{ node {{ {parts} }} }} }}" for n in range(10))
    assert len(aliased) < 1100
    assert refused(f"{{ {aliased} }}")["extensions"]["code"] == "too_many_calls"


def test_calls_of_root_fields_count():
    query = "{ " + " ".join(f"c{n}: clock {{ isShifted }}" for n in range(20)) + " }"
    assert refused(query, calls=19)["extensions"]["code"] == "too_many_calls"
    assert Guard(SCHEMA._schema, Limits(calls=20)).size_of(query).calls == 20


def test_what_arrives_one_by_one_is_loaded_one_by_one():
    """Positions come agency by agency, so their people do too: no call for all of them can be counted on."""
    inside = "positions(first: 1) { edges { node { person { fullName } } } }"
    query = f"{{ agencies(first: 10) {{ edges {{ node {{ {inside} }} }} }} }}"
    assert Guard(SCHEMA._schema).size_of(query).calls == 1 + 10 + 10
    straight = "{ agencies(first: 10) { edges { node { parent { parent { name } } } } } }"
    assert Guard(SCHEMA._schema).size_of(straight).calls == 1 + 1 + 1


async def test_a_list_that_turns_out_longer_than_it_was_judged_is_cut_off():
    """`standings` has no `first`: twenty rows are assumed, a province has hundreds."""
    agencies = [an_agency() for _ in range(200)]
    figures = [DocumentFigures(agency_id=each.id, procedures_in_force=1) for each in agencies]
    bus = FakeBus(
        document_figures_of=figures,
        figures_of=[],
        quality_figures_of=[],
        agencies_by_ids=among(agencies),
        list_positions=a_page([]),
    )
    async with client_of(bus) as client:
        query = "{ standings { proceduresInForce agency { positions { edges { cursor } } } } }"
        answer = await client.post(
            "/graphql", json={"query": query}, headers={"authorization": "Bearer grant"}
        )
    body = answer.json()
    assert len(body["data"]["standings"]) == 200
    codes = {error["extensions"]["code"] for error in body["errors"]}
    assert codes == {"calls_spent"}
    assert body["errors"][0]["path"][:1] == ["standings"]
    assert body["errors"][0]["locations"]
    assert len(bus.asked) == Limits().calls


async def test_supporting_agencies_of_a_dossier_come_in_one_call():
    agencies = [an_agency() for _ in range(5)]
    bus = FakeBus(agencies_by_ids=among(agencies))

    info = SimpleNamespace(context=Context(bus, None, token="grant"))
    ids = [each.id for each in agencies]
    assert [each.id for each in await agencies_ever(info, ids)] == ids
    assert bus.asked == ["directory.agencies_by_ids"]
