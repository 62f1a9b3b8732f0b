"""Declaring what a service answers to and reacts to: each handler names the contract that it handles.

A command is declared once: its contract says what it answers, the handler says which contract it handles, and
the service finds its handlers in the modules that it names. Nothing here knows of the bus.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any, TypeVar

from contracts.base import Command, Event, Question, name_of

Handler = Callable[[Any, Any], Any]
H = TypeVar("H", bound=Handler)

_DECLARED = "eiso_declared"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of a service: its contract, its handler and whether it claims its request id."""

    name: str
    contract: type[Any]
    handler: Handler
    writes: bool
    once: bool = True


@dataclass(frozen=True, kw_only=True)
class Subscribed:
    """One reaction of a service: `name` is that of its queue and of its claims, which must never change.

    `in_every_process`: also the processes that answer calls listen; no other process has to be up.
    """

    name: str
    event: type[Event]
    handler: Handler
    in_every_process: bool = False


def command(contract: type[Command[Any]], *, once: bool = True) -> Callable[[H], H]:
    """Handles a command: `(call, command) -> answer`, idempotent by request id.

    `once=False` for commands whose answer may not be kept (a secret, a presigned URL): such a
    handler must itself be repeatable.
    """
    return _declaring(contract, writes=True, once=once)


def query(contract: type[Question[Any]]) -> Callable[[H], H]:
    """Handles a question: `(call, question) -> answer`; it cannot write."""
    return _declaring(contract, writes=False, once=False)


def on(event: type[Event], *, name: str | None = None, in_every_process: bool = False) -> Callable[[H], H]:
    """Reacts once to each `event`: `(call: Reaction, event) -> None`; under `name`, else the function's."""

    def declare(handler: H) -> H:
        _note(
            handler,
            Subscribed(
                name=name or handler.__name__, event=event, handler=handler, in_every_process=in_every_process
            ),
        )
        return handler

    return declare


def subjects(package: str, *names: str) -> tuple[ModuleType, ...]:
    """Every module of these folders of a service; a handler that stands in one of them is found."""
    found = []
    for name in names:
        folder = import_module(f"{package}.{name}")
        found += [import_module(each.name) for each in walk_packages(folder.__path__, f"{folder.__name__}.")]
    return tuple(found)


def operations_in(modules: Iterable[ModuleType]) -> Mapping[str, Operation]:
    """Name → operation, of all handlers that these modules define."""
    return _by_name(modules, Operation)


def reactions_in(modules: Iterable[ModuleType]) -> Mapping[str, Subscribed]:
    """Name → reaction, of all handlers that these modules define."""
    return _by_name(modules, Subscribed)


def _declaring(contract: type[Any], *, writes: bool, once: bool) -> Callable[[H], H]:
    def declare(handler: H) -> H:
        made = Operation(name=name_of(contract), contract=contract, handler=handler, writes=writes, once=once)
        _note(handler, made)
        return handler

    return declare


def _note(handler: Any, declared: Operation | Subscribed) -> None:
    handler.__dict__.setdefault(_DECLARED, []).append(declared)


D = TypeVar("D", Operation, Subscribed)


def _by_name(modules: Iterable[ModuleType], kind: type[D]) -> Mapping[str, D]:
    found: dict[str, D] = {}
    for module in modules:
        for function in vars(module).values():
            # What a module imports is declared where it is defined.
            if getattr(function, "__module__", None) != module.__name__:
                continue
            for each in getattr(function, _DECLARED, ()):
                if isinstance(each, kind):
                    if each.name in found:
                        raise TypeError(f"{each.name} is handled twice")
                    found[each.name] = each
    return found
