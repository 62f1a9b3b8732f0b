"""No circle: not between modules, and not between the rooms of one house."""

import pytest

from tests.architecture.house import circle, graph, rooms
from tests.architecture.source import SERVICES

ROOMS = ("base", "life", "data", "trust", "work", "bus", "upkeep", "run")
"""The rooms of the kernel in order: each may use those before it, and `upkeep` the launcher besides."""


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
