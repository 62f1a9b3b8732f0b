"""Runs the tests in lanes by what they need, two lanes side by side, and says what each took.

python -m tests.run [--only cases] [--changed] [pytest options]
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.instance import Instance
from deploy.local.platform import load
from tests import memory, touched
from tests.lanes import LANES, NEAR, WHOLE, Lane, budget, near

ROOT = Path(__file__).resolve().parents[1]
INSTANCE = os.environ.get("EISO_TEST_INSTANCE", "test")
SIDE_BY_SIDE = 2
NOTHING_COLLECTED = 5


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a lane went."""

    lane: Lane
    seconds: float
    failed: tuple[str, ...]


def main(arguments: Sequence[str]) -> int:
    """Zero if everything passed. What comes later runs although something failed before."""
    asked, options = _parser().parse_known_args(arguments)
    if asked.only or asked.changed:
        return _near(asked, options)
    with servers() as are_up:
        if not are_up:
            print("KHÔNG ĐẠT / FAILED: deploy.local servers", file=sys.stderr)
            return 1
        os.environ["EISO_TEST_AMQP_URI"] = load(Instance.named(INSTANCE)).amqp_uri("admin")
        return _told(*_run(LANES, options), WHOLE)


def _near(asked: argparse.Namespace, options: Sequence[str]) -> int:
    """The tests of a subject or of a change, without those that bring up whole platforms."""
    tests = touched.by_word(asked.only) if asked.only else touched.by_change(touched.changed())
    lanes, left_out = near(tests)
    if not lanes:
        print(f"không có kiểm thử nào / no test for this: {asked.only or 'CHANGED'}", file=sys.stderr)
        return 2
    os.environ["EISO_TEST_UNTIL"] = str(time.time() + NEAR)
    with _stopped_after():
        code = _told(*_run(lanes, ["-p", "tests.limit", *options], may_be_empty=True), NEAR)
    if left_out:
        print(f"không chạy, chỉ `make test` chạy / left to `make test`: {' '.join(left_out)}")
    return code


def _run(
    lanes: Sequence[Lane], options: Sequence[str], *, may_be_empty: bool = False
) -> tuple[list[Ran], float]:
    began = time.monotonic()
    fine = {0, NOTHING_COLLECTED} if may_be_empty else {0}

    def through(lane: Lane) -> Ran:
        since = time.monotonic()
        failed = [" ".join(group) for group in lane.groups if _code(lane, group, options) not in fine]
        return Ran(lane=lane, seconds=time.monotonic() - since, failed=tuple(failed))

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        ran = list(pool.map(through, lanes))
    return ran, time.monotonic() - began


def _told(ran: Sequence[Ran], whole: float, allowed: int) -> int:
    print(budget([(each.lane, each.seconds) for each in ran], whole, allowed), flush=True)
    failed = [group for each in ran for group in each.failed]
    for group in failed:
        print(f"KHÔNG ĐẠT / FAILED: {group[:300]}", file=sys.stderr)
    return 1 if failed else 0


def _code(lane: Lane, group: Sequence[str], options: Sequence[str]) -> int:
    """A group must hold tests. What it says is shown when it has ended."""
    began, named = time.monotonic(), f"{lane.name}: {' '.join(group)[:120]}"
    print(f"== {named} …", flush=True)
    command = [sys.executable, "-m", "pytest", *group, *options]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    said = f"{done.stdout}== {named}: {done.returncode}, {time.monotonic() - began:.1f} s"
    print(said, flush=True)
    return done.returncode


@contextmanager
def servers() -> Iterator[bool]:
    """The tests' own servers inside the block; those that already ran belong to the one who started them."""
    with _stopped_after():
        yield _python("-m", "deploy.local", "servers", "--instance", INSTANCE) == 0


@contextmanager
def _stopped_after() -> Iterator[None]:
    was_running = _python("-c", f"import sys\n{_CHECK}") == 0
    try:
        yield
    finally:
        if not was_running and _python("-c", f"import sys\n{_CHECK}") == 0:
            memory.clear(load(Instance.named(INSTANCE)))
            _python("-m", "deploy.local", "down", "--instance", INSTANCE)


_CHECK = f"from deploy.local import servers; sys.exit(not servers.are_running({INSTANCE!r}))"


def _python(*arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.run", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", help="the tests of a service or of a subject")
    parser.add_argument("--changed", action="store_true", help="the tests near to what differs from main")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
