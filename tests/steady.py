"""Runs the suite several times beside a full load of every processor, and says which tests did not hold.

python -m tests.steady [--times 3] [--minutes 60] [tests …]
Without tests: the whole suite. The load ends with this process, and in any case when the minutes are over.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BURN = "import time\nuntil = time.time() + {seconds}\nwhile time.time() < until: sum(range(10000))"
FAILED = ("FAILED ", "ERROR ")


def main(arguments: Sequence[str]) -> int:
    """Zero if every run passed; a run that the minutes cut off counts as none."""
    asked = _parser().parse_args(arguments)
    ends, failed, codes = time.monotonic() + 60 * asked.minutes, Counter[str](), list[int]()
    with _load(60 * asked.minutes):
        for number in range(1, asked.times + 1):
            began = time.monotonic()
            code, names = _run(asked.tests, ends - began)
            if code is None:
                print(f"{number}: hết giờ / the minutes are over", flush=True)
                break
            codes.append(code)
            failed.update(names)
            print(f"{number}: {code}, {time.monotonic() - began:.0f} s, {len(names)} failed", flush=True)
    for name, times in failed.most_common():
        print(f"{times} / {len(codes)}  {name}")
    return 0 if len(codes) == asked.times and not any(codes) else 1


def _run(tests: Sequence[str], seconds: float) -> tuple[int | None, set[str]]:
    """The exit code, None where time ran out, and the tests that failed."""
    command = [sys.executable, "-m", *(["pytest", "-q", *tests] if tests else ["tests.run"])]
    running = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        said, _ = running.communicate(timeout=max(1.0, seconds))
    except subprocess.TimeoutExpired:
        # As Ctrl-C would: what it started is stopped by itself.
        os.killpg(running.pid, signal.SIGINT)
        running.communicate(timeout=120)
        return None, set()
    lines = said.splitlines()
    return running.returncode, {each.split()[1] for each in lines if each.startswith(FAILED)}


@contextmanager
def _load(seconds: float) -> Iterator[None]:
    """Every processor busy besides."""
    burn = [sys.executable, "-c", BURN.format(seconds=seconds)]
    burning = [subprocess.Popen(burn) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for each in burning:
            each.kill()
            each.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.steady", description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("tests", nargs="*")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
