"""No circle: not between modules, and not between the rooms of one house."""

from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.source import ROOT, SERVICES, files, imported

HOUSES = ("contracts", "worktime", "kernel", "org", "services", "gateway", "ops", "deploy", "demo", "client")
ROOMS = ("base", "life", "data", "trust", "work", "bus", "upkeep", "run")
"""The rooms of the kernel in order: each may use those before it, and `upkeep` the launcher besides."""


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


def circle(edges: Mapping[str, frozenset[str]]) -> list[str]:
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


def test_a_circle_is_found():
    ring = {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("b"), "d": frozenset("a")}
    assert set(circle(ring)) == {"b", "c"}
    assert not circle({"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()})


def test_no_module_imports_itself_by_others():
    assert len(graph()) > 300
    assert not circle(graph())


@pytest.mark.parametrize("name", SERVICES)
def test_no_subject_of_a_service_needs_itself_by_others(name):
    assert not circle(rooms(f"services.{name}.", 3))


def test_the_rooms_of_the_gateway_need_none_of_themselves_by_others():
    assert not circle(rooms("gateway.", 2))


def test_the_rooms_of_the_kernel_stand_in_order():
    known = rooms("kernel.", 2)
    assert set(known) == {f"kernel.{room}" for room in ROOMS}
    for number, room in enumerate(ROOMS):
        before = {f"kernel.{each}" for each in ROOMS[:number]}
        allowed = before | ({"kernel.run"} if room == "upkeep" else set())
        assert known[f"kernel.{room}"] <= allowed, room


def test_the_kernel_knows_no_contract_of_a_service():
    strays = {
        f"{name}: {target}"
        for name, targets in graph().items()
        if name.startswith("kernel.")
        for target in targets
        if target.startswith("org") or (target.startswith("contracts.") and target.split(".")[1] in SERVICES)
    }
    assert not strays
