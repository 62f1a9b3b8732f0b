"""Counts tests and assertions by lane, here and in a commit of before: `python -m tests.count [commit]`.

Counted in the sources: test functions, `assert` statements in all files of the lane, and `pytest.raises`.
"""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
WITHOUT_SERVERS = ("unit", "invariants", "contract", "architecture", "gateway")


def main(arguments: Sequence[str]) -> int:
    """A line for each folder of tests, beside the commit's if one is named, and the share of unit tests."""
    now, before = counted(_here()), counted(_of(arguments[0])) if arguments else {}
    print(f"{'':<14}{'tests':>7}{'asserts':>9}" + (f"{'before':>9}{'asserts':>9}" if before else ""))
    for lane in sorted({*now, *before}):
        line = f"{lane:<14}{now[lane]['tests']:>7}{now[lane]['asserts']:>9}"
        if before:
            was = before.get(lane, Counter())
            line += f"{was['tests']:>9}{was['asserts']:>9}"
        print(line)
    for name, each in (("", now), ("before ", before)):
        if each:
            print(f"{name}{_share(each)}")
    return 0


def counted(files: Iterator[tuple[str, str]]) -> dict[str, Counter[str]]:
    """Tests and assertions by folder below `tests`."""
    found: dict[str, Counter[str]] = {}
    for name, source in files:
        lane = found.setdefault(PurePosixPath(name).parts[1], Counter())
        for node in ast.walk(ast.parse(source)):
            lane["tests"] += isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_test(node.name)
            lane["asserts"] += isinstance(node, ast.Assert) or _raises(node)
    return {lane: each for lane, each in found.items() if each["tests"]}


def _is_test(name: str) -> bool:
    return name.startswith("test_")


def _raises(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.raises"


def _share(lanes: dict[str, Counter[str]]) -> str:
    whole = sum(each["tests"] for each in lanes.values())
    unit = lanes.get("unit", Counter())["tests"]
    alone = sum(lanes.get(each, Counter())["tests"] for each in WITHOUT_SERVERS)
    return (
        f"{whole} tests, {sum(each['asserts'] for each in lanes.values())} assertions; "
        f"unit {unit / whole:.0%}, without any server {alone / whole:.0%}"
    )


def _here() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "tests").glob("*/**/*.py")):
        yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def _of(commit: str) -> Iterator[tuple[str, str]]:
    names = _git("ls-tree", "-r", "--name-only", commit, "tests").split()
    for name in names:
        if name.endswith(".py") and name.count("/") > 1:
            yield name, _git("show", f"{commit}:{name}")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
