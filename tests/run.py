"""Runs every test in the order of what it needs, starts the servers for those that need them, stops them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from deploy.local.instance import Instance
from deploy.local.platform import load

ROOT = Path(__file__).resolve().parents[1]
INSTANCE = os.environ.get("EISO_TEST_INSTANCE", "test")

# Folders of one line share a process. Service tests patch sockets for eventlet, asyncio tests must
# not have that, and the end-to-end tests bring up a platform themselves.
WITHOUT_SERVERS = (
    ["tests/unit", "tests/invariants", "tests/contract", "tests/architecture", "tests/gateway"],
)
# Two lanes side by side: what mostly waits for servers of its own fills the time of the other.
LANES = (
    (["tests/integration"], ["tests/gateway/test_bus.py"], ["tests/deploy"]),
    (["tests/e2e"], ["tests/faults"]),
)


def main(arguments: Sequence[str]) -> int:
    """Zero if every group passed. A later group runs although an earlier one failed."""
    failed = [group for group in WITHOUT_SERVERS if not _passes(group, arguments)]
    failed += _with_servers(arguments)
    for group in failed:
        print(f"KHÔNG ĐẠT / FAILED: {' '.join(group)}", file=sys.stderr)
    return 1 if failed else 0


def _with_servers(arguments: Sequence[str]) -> list[list[str]]:
    with servers() as are_up:
        if not are_up:
            return [["deploy.local servers"]]
        os.environ["EISO_TEST_AMQP_URI"] = load(Instance.named(INSTANCE)).amqp_uri("admin")
        with ThreadPoolExecutor(len(LANES)) as lanes:
            failed = lanes.map(lambda lane: [group for group in lane if not _passes(group, arguments)], LANES)
        return [group for lane in failed for group in lane]


@contextmanager
def servers() -> Iterator[bool]:
    """The tests' own servers inside the block; those that already ran belong to whoever started them."""
    was_running = _python("-c", f"import sys\n{_CHECK}") == 0
    try:
        yield _python("-m", "deploy.local", "servers", "--instance", INSTANCE) == 0
    finally:
        if not was_running:
            _python("-m", "deploy.local", "down", "--instance", INSTANCE)


_CHECK = f"from deploy.local import servers; sys.exit(not servers.are_running({INSTANCE!r}))"


def _passes(group: list[str], arguments: Sequence[str]) -> bool:
    """A folder must hold tests: collecting none is a failure. What it says is shown when it has ended."""
    began = time.monotonic()
    print(f"== {' '.join(group)} …", flush=True)
    command = [sys.executable, "-m", "pytest", *group, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    told = f"{done.stdout}== {' '.join(group)}: {done.returncode}, {time.monotonic() - began:.1f} s"
    print(told, flush=True)
    return done.returncode == 0


def _python(*arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
