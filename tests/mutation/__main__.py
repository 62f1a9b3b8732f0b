"""A sample of mutants over the rules of the field, and the page docs/proof/mutants.md.

python -m tests.mutation [--sample 200] [--under services/cases] [--seed N] [--side-by-side N]
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kernel.base import clock
from tests import touched
from tests.mutation.changes import Change, changes

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "proof" / "mutants.md"
SEED, SAMPLE = 20261128, 200
QUICK = ("tests/unit/", "tests/invariants/")
NEAREST = 2
"""Files of tests that are tried first."""
SECONDS = 120
WANTED = 0.85


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A rule with one change."""

    path: Path
    change: Change

    @property
    def module(self) -> str:
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Whether a test noticed it."""

    mutant: Mutant
    is_killed: bool
    seconds: float


def targets() -> list[Path]:
    """The rules of the field, wherever their subject stands: domain, working time, who may do what."""
    patterns = ("services/**/domain.py", "services/**/domain/*.py", "worktime/*.py")
    policies = ("services/**/policy.py", "kernel/**/policy.py")
    return sorted({path for each in (*patterns, *policies) for path in ROOT.glob(each)})


def sample(size: int, under: str = "", seed: int = SEED) -> list[Mutant]:
    """The same at every run of the same sources and seed."""
    every = [
        Mutant(path=path, change=change)
        for path in targets()
        if str(path.relative_to(ROOT)).startswith(under)
        for change in changes(path.read_text("utf-8"))
    ]
    return random.Random(seed).sample(every, min(size, len(every)))


def tests_of(path: Path) -> list[str]:
    """The quick tests that concern a module."""
    near = touched.by_change([str(path.relative_to(ROOT))])
    found = [each for each in near if each.startswith(QUICK)]
    # Tables of rights are read from whatever service is named: no import shows it.
    return found if path.name == "policy.py" else [each for each in found if each.startswith("tests/unit/")]


def run(mutant: Mutant) -> Outcome:
    """Run the mutant's tests until the first that fails; the nearest by themselves, which see the most."""
    began, tests = time.monotonic(), tests_of(mutant.path)
    if not tests:
        return Outcome(mutant=mutant, is_killed=False, seconds=0)
    with tempfile.NamedTemporaryFile("w", suffix=".py", encoding="utf-8") as file:
        file.write(mutant.change.source)
        file.flush()
        try:
            changed = f"{mutant.module}={file.name}"
            parts = [each for each in (tests[:NEAREST], tests[NEAREST:]) if each]
            is_killed = not all(_pass(each, changed, SECONDS) for each in parts)
        except subprocess.TimeoutExpired:
            print(f"without an end in {SECONDS} s: {_said(mutant)}", flush=True)
            is_killed = True
    return Outcome(mutant=mutant, is_killed=is_killed, seconds=time.monotonic() - began)


def _pass(tests: Sequence[str], changed: str = "", seconds: float | None = None) -> bool:
    """Whether these tests pass, with a module `changed` or with none."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    command += ["-p", "tests.mutation.plugin", "--hypothesis-seed=0", *tests]
    given = os.environ | {"EISO_MUTANT": changed}
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, timeout=seconds, check=False)
    return done.returncode == 0


def main(arguments: Sequence[str]) -> int:
    """Zero if enough were noticed; the page is written by whole runs of its own seed only."""
    asked = _parser().parse_args(arguments)
    chosen = sample(asked.sample, asked.under, asked.seed)
    tests = sorted({test for each in chosen for test in tests_of(each.path)})
    if not tests:
        print("There is no rule there, or no quick test near it: nothing was tried.", file=sys.stderr)
        return 2
    # A test that fails anyway would seem to notice every change.
    if not _pass(tests):
        print("The quick tests fail without any change: nothing was tried.", file=sys.stderr)
        return 2
    with ThreadPoolExecutor(asked.side_by_side) as pool:
        outcomes = []
        for outcome in pool.map(run, chosen):
            outcomes.append(outcome)
            if not outcome.is_killed:
                print(_said(outcome.mutant), flush=True)
    share = sum(each.is_killed for each in outcomes) / len(outcomes)
    print(f"{len(outcomes)} mutants, {share:.1%} noticed, {WANTED:.0%} wanted")
    if not asked.under and (asked.seed, asked.sample) == (SEED, SAMPLE):
        REPORT.write_text("\n".join(_page(outcomes, share)) + "\n", "utf-8")
    return 0 if share >= WANTED else 1


def _said(mutant: Mutant) -> str:
    return f"{mutant.path.relative_to(ROOT)}:{mutant.change.line}: {mutant.change.what}"


HEAD = """# Đột biến / Mutants

Mẫu {size} thay đổi trong `domain`, `worktime`, `policy`; mỗi thay đổi chạy với các kiểm thử nhanh gần nó.
A sample of {size} changes of a rule (`python -m tests.mutation`, seed {seed}), each run against the quick
tests near to it. {day:%d/%m/%Y}: **{share:.1%} noticed**, at least {wanted:.0%} wanted.

| tệp / file | thử / tried | nhận ra / noticed |
|---|---:|---:|"""


def _page(outcomes: Sequence[Outcome], share: float) -> Iterator[str]:
    size, day = len(outcomes), clock.today()
    yield HEAD.format(size=size, seed=SEED, day=day, share=share, wanted=WANTED)
    for path in sorted({each.mutant.path for each in outcomes}):
        mine = [each for each in outcomes if each.mutant.path == path]
        noticed = sum(each.is_killed for each in mine)
        yield f"| `{path.relative_to(ROOT)}` | {len(mine)} | {noticed} |"
    yield from ("", "Không nhận ra / not noticed:", "")
    yield from (f"- `{_said(each.mutant)}`" for each in outcomes if not each.is_killed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=SAMPLE)
    parser.add_argument("--under", default="", help="only files below this path; no page is written")
    parser.add_argument("--seed", type=int, default=SEED, help="another sample; no page is written")
    parser.add_argument("--side-by-side", type=int, default=os.cpu_count(), help="runs of tests at a time")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
