"""Every command of the contracts as a mutation, whose input and result follow from the contract.

A command is declared once, in `contracts`, by service and subject. Its input is derived from its fields, its
result from what it says it is answered with, shown as the type that shows such a view.
"""

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints

import strawberry

from contracts import every
from contracts.base import Command, Errand, answer_of, name_of
from gateway.bus.refused import Refused
from gateway.graphql.context import Info
from gateway.graphql.present import present, result_name, said_of, type_of
from gateway.graphql.problems import PROBLEMS, problem

CONTRACTS = "contracts."


def mutations(description: str) -> type:
    """The GraphQL type with one field for each command."""
    made = type("Mutation", (), {name_of(each): _mutation(each) for each in _commands()})
    return strawberry.type(made, description=description)


def _commands() -> Iterator[type[Command[Any]]]:
    """Every command that a client may give, service by service and in the order of its contract."""
    for module in every.modules():
        for shape in vars(module).values():
            if isinstance(shape, type) and shape.__module__ == module.__name__ and _is_given(shape):
                yield shape


def _is_given(shape: type) -> bool:
    return (
        issubclass(shape, Command)
        and not issubclass(shape, Errand)
        and shape.__module__ != Command.__module__
    )


def _mutation(contract: type[Command[Any]]) -> Any:
    """`input` goes to the service of the contract; the answer is shown, a refusal is one of the problems."""
    shown, taken = type_of(answer_of(contract)), input_of(cast(Any, contract))

    async def resolve(info: Info, input: Any) -> Any:
        try:
            answered = await info.context.ask(contract(**vars(input)))
            return present(shown, answered)
        except Refused as refused:
            if refused.needs_sign_in:
                raise
            return problem(refused)

    # Null where an error stands beside it, which must not take the other commands' answers along.
    resolve.__annotations__ = {"info": Info, "input": taken, "return": _result(shown) | None}
    return strawberry.mutation(resolver=resolve, description=said_of(contract))


@cache
def _result(shown: type) -> Any:
    """The union a mutation answers with: what it made, or one of the problems."""
    members = (shown, *PROBLEMS.values())
    union = strawberry.union(result_name(shown), description=f"A `{shown.__name__}`, or why there is none.")
    return Annotated[Union[members], union]  # noqa: UP007


@cache
def input_of(contract: Any) -> Any:
    """The GraphQL input of a contract; what it holds of other contracts is an input too.

    Strawberry does not see that an inherited field has a `default_factory` and would call for it, so such a
    field is declared again.
    """
    hints, annotations, defaults = get_type_hints(contract, include_extras=True), {}, {}
    for each in fields(cast(Any, contract)):
        hint = _as_input(hints[each.name])
        if each.default_factory is not MISSING:
            defaults[each.name] = strawberry.field(default_factory=each.default_factory)
        if hint is not hints[each.name] or each.name in defaults:
            annotations[each.name] = hint
            if each.default is not MISSING:
                defaults[each.name] = each.default
    made = type(f"{contract.__name__}Input", (contract,), {"__annotations__": annotations, **defaults})
    return strawberry.input(made, description=said_of(contract))


def _as_input(hint: Any) -> Any:
    """The hint with every contract in it replaced by its input; the same object where there is none."""
    if is_dataclass(hint) and isinstance(hint, type) and hint.__module__.startswith(CONTRACTS):
        return input_of(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        base = _as_input(inner[0])
        return hint if base is inner[0] else base
    if origin not in (list, Union, UnionType):
        return hint
    parts = [_as_input(each) for each in inner]
    if all(part is each for part, each in zip(parts, inner, strict=True)):
        return hint
    return list[parts[0]] if origin is list else Union[tuple(parts)]  # type: ignore[valid-type]  # noqa: UP007
