"""Every mutation of the schema, through the real gateway, answered as its service says it does.

The bus answers each call with a sample of what the service's own method is declared to answer, so an answer
that the gateway cannot read or show is found here, for every field of it, however deep.
"""

from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_nullable_type,
)

from contracts.base import answer_of
from gateway.graphql.context import method_of
from gateway.schema.assembled import SCHEMA
from kernel.base import wire
from tests.contract.golden import sample
from tests.contract.policy import SERVICES, service_of
from tests.gateway.fakes import FakeBus, run
from tests.selections import every_field

TEXTS = {"Date": "2026-08-10", "DateTime": "2026-08-10T08:00:00+07:00", "Boolean": True, "Int": 1}
CANDIDATES = (
    "1.012644",
    "H42.07",
    "qt.20",
    "a@b.vn",
    "0123456789",
    "2026-08-10",
    "8.5",
    "0" * 64,
    1,
    7,
)
"""For text or a number of some form: the first that has it."""
ID = "6f2c1d9e-3f51-4a57-9d0a-0d6a4c9c7a11"
MUTATIONS = SCHEMA._schema.mutation_type.fields


class SampleBus(FakeBus):
    """Answers every method with a sample of what it says it answers."""

    async def call(self, method: str, body: Any, **said: Any) -> Any:
        if method != "directory.public_grant":
            service, _, name = method.partition(".")
            kind = answer_of(service_of(service).operations[name].contract)
            self.calls.append((method, body))
            self.tokens.append(said.get("token"))
            return wire.dump(None if kind is NoneType or kind is None else answered(kind))
        return await super().call(method, body, token=said.get("token"))


def answered(kind: Any) -> Any:
    """As the golden files' sample, but text is of the form that the contract asks for."""
    origin = get_origin(kind)
    if origin is Annotated:
        base, *_ = get_args(kind)
        fitting = [each for each in (answered(base), *CANDIDATES) if _fits(each, kind)]
        assert fitting, f"no sample for {kind}"
        return fitting[0]
    if origin in (Union, UnionType):
        return answered(next(each for each in get_args(kind) if each is not NoneType))
    if origin in (list, tuple):
        return [answered(get_args(kind)[0])]
    if origin is dict:
        return {"name": "value"}
    if is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        return {each.name: answered(hints[each.name]) for each in fields(kind)}
    return sample(kind)


def _fits(each: Any, kind: Any) -> bool:
    try:
        msgspec.convert(each, kind)
    except msgspec.ValidationError:
        return False
    return True


def value(kind: Any) -> Any:
    """The smallest input that the schema takes."""
    kind = get_nullable_type(kind)
    if isinstance(kind, GraphQLList):
        return []
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        wanted = {name: each.type for name, each in kind.fields.items()}
        return {name: value(each) for name, each in wanted.items() if isinstance(each, GraphQLNonNull)}
    return TEXTS.get(kind.name) or (ID if kind.name == "UUID" else "Một câu đủ dài cho mọi chỗ")


@pytest.mark.parametrize("name", sorted(MUTATIONS))
async def test_a_mutations_answer_is_read_whole(name):
    field = MUTATIONS[name]
    bus = SampleBus()
    taken = field.args["input"].type
    query = f"mutation($input: {taken}) {{ answer: {name}(input: $input) {every_field(field.type)} }}"
    result = await run(bus, query, {"input": value(taken)})
    assert result.errors is None, [(each.path, each.original_error or each) for each in result.errors[:3]]
    answer = result.data["answer"]
    assert not answer["__typename"].endswith("Problem"), answer
    assert bus.calls, "a service was asked"


def test_every_command_of_a_service_is_a_mutation_or_says_that_it_is_none():
    from contracts.base import Command, Errand
    from tests.contract.policy import operations_of

    shown = {"".join(f"_{c.lower()}" if c.isupper() else c for c in name) for name in MUTATIONS}
    for each in SERVICES:
        for name, (contract, _, _) in operations_of(service_of(each)).items():
            if issubclass(contract, Command) and not issubclass(contract, Errand):
                assert name in shown, method_of(contract)
