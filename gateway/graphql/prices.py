"""What a field costs in calls to services, derived from what its resolver does.

A list of dear fields goes stale with the next field that somebody adds. So the price is read from the
resolver's own code: `context.ask` is a call for every parent, `context.loaders` one call for all parents
that arrive together. A resolver that calls in a loop says itself how often (`field(…, calls=3)`), and
`tests/architecture/test_prices.py` fails the build where one does not.
"""

import dis
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType
from typing import Any

LOADS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


@dataclass(frozen=True)
class Price:
    """Calls for each parent, and calls that all parents of one place share."""

    each: int = 0
    shared: int = 0

    def __add__(self, other: "Price") -> "Price":
        return Price(self.each + other.each, self.shared + other.shared)


FREE = Price()


def price_of(field: Any) -> Price:
    """The price of a field of the schema, as graphql-core holds it; fields without a resolver are free."""
    made: Any = (getattr(field, "extensions", None) or {}).get("strawberry-definition")
    resolver = getattr(made, "base_resolver", None)
    if made is None or resolver is None:
        return FREE
    said = made.metadata.get("calls")
    return Price(each=said) if said is not None else derived(resolver.wrapped_func)


@cache
def derived(function: FunctionType) -> Price:
    """What a function's code asks for, with all that it calls inside the gateway."""
    price = FREE
    for part in reached(function):
        for code in codes_of(part):
            named = [each.argval for each in dis.get_instructions(code) if each.opname in LOADS]
            price += Price(named.count("ask"), named.count("loaders"))
    return price


def reached(function: FunctionType) -> Iterator[FunctionType]:
    """A function and the gateway's functions that it names, each once."""
    waiting, seen = [function], {function}
    while waiting:
        one = waiting.pop()
        yield one
        for code in codes_of(one):
            for named in (one.__globals__.get(name) for name in code.co_names):
                if isinstance(named, FunctionType) and _is_ours(named) and named not in seen:
                    seen.add(named)
                    waiting.append(named)


def codes_of(function: FunctionType) -> Iterator[CodeType]:
    """A function's code and that of the comprehensions and functions inside it."""
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        yield code
        waiting.extend(each for each in code.co_consts if isinstance(each, CodeType))


def _is_ours(function: FunctionType) -> bool:
    return function.__module__.partition(".")[0] == "gateway"
