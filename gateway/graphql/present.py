"""The only way from a contract's view to a GraphQL type; the types say what is shown and how."""

import inspect
import re
from collections.abc import Callable
from dataclasses import fields
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, dataclass_transform, get_args, get_origin, get_type_hints

import strawberry
from strawberry.types.base import has_object_definition
from strawberry.utils.str_converters import to_camel_case

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
Convert = Callable[[Any], Any]


def field(description: str, *, name: str | None = None, calls: int | None = None) -> Callable[[F], F]:
    """A resolver; as `strawberry.field`, whose arguments make it lose its types.

    `calls`: how many calls it makes for each parent, where its code does not say so (`prices`).
    """
    metadata = {} if calls is None else {"calls": calls}

    def decorate(resolver: F) -> F:
        made: F = strawberry.field(resolver=resolver, name=name, description=description, metadata=metadata)
        return made

    return decorate


def enums(*kinds: type[StrEnum]) -> None:
    """Enumerations of contracts as those of the schema; each once, whichever module needs it first."""
    for kind in kinds:
        if not hasattr(kind, "__strawberry_definition__"):
            strawberry.enum(kind, description=said_of(kind))


@strawberry.type(description="A name and its value.")
class Pair:
    """GraphQL has no maps: a view's `dict[str, str]` is shown as a list of these."""

    name: str
    value: str


_TYPES: dict[Any, type] = {}
_RESULTS: dict[type, str] = {}


@dataclass_transform(kw_only_default=True)
def shown(cls: type[T] | None = None, *, result: str | None = None) -> Any:
    """A GraphQL type that shows the contract's view which `cls` subclasses, under the contract's description.

    `result`: the name of what a command answers that makes one, where it is not the type's with `Result`.
    """

    def decorate(cls: type[T]) -> type[T]:
        view = next(each for each in cls.__mro__[1:] if each.__module__.startswith("contracts."))
        made = strawberry.type(cls, description=said_of(view))
        _TYPES.setdefault(view, made)
        _RESULTS[made] = result or f"{made.__name__}Result"
        return made

    return decorate if cls is None else decorate(cls)


@strawberry.type(description="It was done; there is nothing more to show.")
class Done:
    """The answer of a command that makes nothing to look at."""

    done: bool = True


_TYPES[NoneType], _RESULTS[Done] = Done, "DoneResult"


def type_of(view: Any) -> type:
    """The type that shows a view; of several the one that was declared first."""
    return _TYPES[NoneType if view is None else view]


def result_name(shown: type) -> str:
    """What the union is called with which a command answers that makes one."""
    return _RESULTS[shown]


def present(cls: type[T], view: Any) -> T:
    """`view` as the GraphQL type `cls`, nested views as the types that `cls` declares for them."""
    if cls is Done:
        return cls()
    shown = {}
    for name, convert in _plan(cast(Any, cls)):
        value = getattr(view, name)
        shown[name] = convert(value) if convert else value
    return cls(**shown)


def said_of(contract: type) -> str:
    """The description in the schema: the contract's docstring, its fields named as clients know them."""
    text = inspect.cleandoc(contract.__doc__ or "")
    return re.sub(r"`[a-z][a-z0-9_]*`", lambda name: to_camel_case(name.group()), text)


@cache
def _plan(cls: Any) -> tuple[tuple[str, Convert | None], ...]:
    """For each field of `cls` how its value is made; worked out once per type."""
    hints = get_type_hints(cls)
    taken = (field.name for field in fields(cls) if field.init)
    return tuple((name, _converter(hints[name])) for name in taken)


def _converter(hint: Any) -> Convert | None:
    if get_origin(hint) in (Union, UnionType):
        [inner] = [part for part in get_args(hint) if part is not NoneType] or [None]
        convert = _converter(inner)
        return convert and (lambda value: None if value is None else convert(value))
    if hint == list[Pair]:
        return lambda value: [Pair(name=name, value=text) for name, text in value.items()]
    if get_origin(hint) is list:
        each = _converter(get_args(hint)[0])
        return each and (lambda value: [each(item) for item in value])
    if has_object_definition(hint):
        return lambda value: present(hint, value)
    return None
