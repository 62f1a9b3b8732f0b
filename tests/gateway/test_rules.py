"""Every field of the schema asks what a service has a rule for; else it would be open to all."""

import ast
from importlib import import_module
from uuid import uuid4

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
)

from contracts.base import Command, Question
from gateway.bus.refused import Refused
from gateway.graphql.context import method_of
from gateway.schema.assembled import SCHEMA
from kernel.base.errors import NotFound
from tests.architecture.source import ROOT, files
from tests.contract.policy import SERVICES, service_of
from tests.gateway.fakes import FakeBus, run

ROOTS = {"query": SCHEMA._schema.query_type, "mutation": SCHEMA._schema.mutation_type}
OWN = {"problems"}
"""What the gateway answers by itself: the catalogue of messages, which a page of docs/ shows too."""
FIELDS = [
    (kind, name)
    for kind, root in ROOTS.items()
    for name in root.fields
    if not name.startswith("_") and name not in OWN
]
PLAIN = {"UUID": str(uuid4()), "Date": "2026-08-10", "DateTime": "2026-08-10T08:00:00+07:00"}
PLAIN |= {"String": "Một câu đủ dài 2026", "Int": 1, "Boolean": True, "Float": 1.0}


def rules() -> dict[str, bool]:
    """Every method that has a rule, and whether it writes."""
    return {
        f"{name}.{action}": service_of(name).operations[action].writes
        for name in SERVICES
        for action in service_of(name).policy.rows
    }


class Deaf(FakeBus):
    """Notes what is asked and finds nothing."""

    async def call(self, method, body, *, token=None, **_):
        self.calls.append((method, body))
        raise Refused.because(NotFound("document_not_found"))


def a_value(kind):
    if isinstance(kind, GraphQLNonNull):
        return a_value(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [a_value(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        required = {n: f for n, f in kind.fields.items() if isinstance(f.type, GraphQLNonNull)}
        return {n: a_value(f.type) for n, f in required.items()}
    return PLAIN[kind.name]


def an_operation(kind: str, name: str, asked: GraphQLField) -> tuple[str, dict[str, object]]:
    required = {n: a for n, a in asked.args.items() if isinstance(a.type, GraphQLNonNull)}
    given = {n: a_value(a.type) for n, a in required.items()}
    heads = ", ".join(f"${n}: {a.type}" for n, a in required.items())
    said = ", ".join(f"{n}: ${n}" for n in required)
    shown = "" if is_leaf_type(get_named_type(asked.type)) else "{ __typename }"
    heads, said = (f"({each})" if each else "" for each in (heads, said))
    return f"{kind}{heads} {{ {name}{said} {shown} }}", given


@pytest.mark.parametrize(("kind", "name"), FIELDS)
async def test_every_field_of_the_schema_asks_a_method_that_has_a_rule(kind, name):
    bus, known = Deaf(), rules()
    document, given = an_operation(kind, name, ROOTS[kind].fields[name])
    await run(bus, document, given)
    assert bus.asked, f"{name} asks no service: who decides what it may show?"
    assert set(bus.asked) <= set(known), "a method without a rule"
    if kind == "query":
        assert not any(known[each] for each in bus.asked), "a question that changes something"


def test_every_contract_that_the_gateway_sends_has_a_rule():
    """Also those of fields further in, which no root field asks."""
    known, sent = rules(), set()
    for path in files("gateway"):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found = _named(module, node)
            if isinstance(found, type) and issubclass(found, (Question, Command)):
                sent.add(found)
    ours = {each for each in sent if each.__module__.startswith("contracts.") and _is_asked(each)}
    assert len(ours) > 40
    assert {method_of(each) for each in ours} <= set(known)


def _is_asked(contract: type) -> bool:
    """Not what others are made from: a shape that several services' questions share is none itself."""
    return contract.__module__ != "contracts.base" and not contract.__subclasses__()


def _named(module, node):
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return getattr(getattr(module, node.value.id, None), node.attr, None)
    return None
