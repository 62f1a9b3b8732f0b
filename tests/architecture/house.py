"""The modules of the house and what each imports, and whether something leads back to itself."""

from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter

from tests.architecture.source import ROOT, files, imported

HOUSES = ("contracts", "worktime", "kernel", "org", "services", "gateway", "ops", "deploy", "demo", "client")


@cache
def graph() -> Mapping[str, frozenset[str]]:
    """Module → the modules of ours that it imports, in a function or not."""
    modules = {name_of(path): path for path in files(*HOUSES)}
    return {
        name: frozenset(
            found for each in imported(path) if (found := module_of(each, modules)) not in (None, name)
        )
        for name, path in modules.items()
    }


def name_of(path) -> str:
    return str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__")


def module_of(name: str, modules) -> str | None:
    """The module that an imported name is, or is taken from."""
    return next((each for each in (name, name.rpartition(".")[0]) if each in modules), None)


def circle(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """One thing after the other that leads back to the first; empty where there is no circle."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as found:
        return list(found.args[1])
    return []


def rooms(prefix: str, depth: int) -> Mapping[str, frozenset[str]]:
    """The same, by the folders of a house at a depth; what lies beside them is no room."""
    found: dict[str, set[str]] = {}
    for name, targets in graph().items():
        if name.startswith(prefix) and name.count(".") >= depth:
            room = found.setdefault(room_of(name, depth), set())
            room |= {
                room_of(each, depth)
                for each in targets
                if each.startswith(prefix) and each.count(".") >= depth
            }
    return {room: frozenset(targets - {room}) for room, targets in found.items()}


def room_of(name: str, depth: int) -> str:
    return ".".join(name.split(".")[:depth])
