"""The drawing of the house in docs/architecture.md is the house: an arrow for every import, and no other."""

import re
from collections import defaultdict
from collections.abc import Mapping

from tests.architecture.house import graph
from tests.architecture.source import ROOT, SERVICES

PAGE = ROOT / "docs" / "architecture.md"
DEEPER = {"deploy": 2}
"""Houses that are drawn by their folders among the others; the rest as one."""
INSIDE = {"kernel": 2, "gateway": 2, **{f"services.{name}": 3 for name in SERVICES}}
"""Houses whose rooms are drawn besides."""


def drawn() -> Mapping[str, set[str]]:
    """What the page's drawing says: each line is a room and the rooms that it uses."""
    block = re.search(r"```drawing\n(.*?)```", PAGE.read_text("utf-8"), re.S).group(1)
    lines = [line.split("->") for line in block.splitlines() if "->" in line]
    return {room.strip(): set(re.findall(r"[\w.]+", used)) for room, used in lines}


def built() -> Mapping[str, set[str]]:
    """The same from the imports."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, targets in graph().items():
        for target in targets:
            for room, used in edges(name, target):
                found[room].add(used)
    return found


def edges(name: str, target: str):
    """Between two modules: the arrow between their houses, or between the rooms of their house."""
    houses = house_of(name), house_of(target)
    if houses[0] != houses[1]:
        yield houses
    for prefix, depth in INSIDE.items():
        inside = [room_of(each, prefix, depth) for each in (name, target)]
        if all(inside) and inside[0] != inside[1]:
            yield tuple(inside)


def house_of(name: str) -> str:
    parts = name.split(".")
    return ".".join(parts[: DEEPER.get(parts[0], 1)])


def room_of(name: str, prefix: str, depth: int) -> str | None:
    """The room of a module, if it stands in one of this house's."""
    inside = name.startswith(f"{prefix}.") and name.count(".") >= depth
    return ".".join(name.split(".")[:depth]) if inside else None


def as_drawn() -> str:
    """The lines of the drawing, printed by `python -m tests.architecture.test_drawing`."""
    return "\n".join(f"{room} -> {', '.join(sorted(used))}" for room, used in sorted(built().items()))


def test_the_drawing_shows_every_import_and_nothing_else():
    assert drawn() == built()


if __name__ == "__main__":
    print(as_drawn())
