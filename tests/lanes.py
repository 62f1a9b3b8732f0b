"""The lanes of the suite: which tests share a process, what they need, and the seconds they are allowed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

BUS = "tests/gateway/test_bus.py"


@dataclass(frozen=True, kw_only=True)
class Lane:
    """Groups that run one after the other, each in a process of its own.

    Service tests patch sockets for eventlet, asyncio tests must not have that.
    """

    name: str
    needs: str
    groups: tuple[Sequence[str], ...]
    allowed: int
    """Seconds on two quiet processors. No test asserts it: who goes over it is named at the end."""


NOTHING = Lane(
    name="nothing",
    needs="no server",
    groups=(["tests/unit", "tests/invariants", "tests/contract", "tests/architecture", "tests/gateway"],),
    allowed=70,
)
DATABASE = Lane(
    name="database",
    needs="PostgreSQL",
    groups=(["tests/integration", "-m", "not servers"],),
    allowed=150,
)
SERVERS = Lane(
    name="servers",
    needs="PostgreSQL, RabbitMQ, Ceph RGW",
    groups=(["tests/integration", "-m", "servers"], [BUS], ["tests/deploy"]),
    allowed=300,
)
PLATFORM = Lane(
    name="platform",
    needs="one whole platform",
    groups=(["tests/e2e"],),
    allowed=330,
)
FAULTS = Lane(
    name="faults",
    needs="a platform to be killed",
    groups=(["tests/faults"],),
    allowed=330,
)
LANES = (PLATFORM, FAULTS, SERVERS, DATABASE, NOTHING)
"""The longest first: two run side by side, and the next begins when one ends."""
WHOLE = 600
NEAR = 180
"""What `ONLY=` and `CHANGED=1` may take."""


def near(tests: Sequence[str]) -> tuple[list[Lane], list[str]]:
    """Lanes for these files alone, in their order, and those left out: what brings up whole platforms."""
    left_out = [each for each in tests if _folder(each) in ("deploy", "e2e", "faults") or each == BUS]
    green = [each for each in tests if _folder(each) == "integration"]
    plain = [each for each in tests if each not in left_out and each not in green]
    lanes = []
    if plain:
        lanes.append(Lane(name="nothing", needs=NOTHING.needs, groups=(plain,), allowed=NEAR))
    if green:
        for each in (SERVERS, DATABASE):
            group = [*green, *each.groups[0][1:]]
            lanes.append(Lane(name=each.name, needs=each.needs, groups=(group,), allowed=NEAR))
    return lanes, left_out


def _folder(test: str) -> str:
    return PurePosixPath(test).parts[1]


def budget(used: Iterable[tuple[Lane, float]], whole: float, allowed: int) -> str:
    """A line for each lane, and one for all: seconds used of seconds allowed."""
    rows = [(lane.name, lane.needs, seconds, lane.allowed) for lane, seconds in used]
    rows.append(("all", "", whole, allowed))
    lines = ["làn / lane     giây / seconds   cho phép / allowed"]
    for name, needs, seconds, most in rows:
        over = "  VƯỢT / OVER" if seconds > most else ""
        lines.append(f"{name:<12} {seconds:>14.0f} {most:>20}{over}  {needs}".rstrip())
    return "\n".join(lines)
