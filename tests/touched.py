"""Which tests are near to a change or to a subject, by the imports of the tests and of what they import."""

import ast
import subprocess
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOT_SOURCES = ("tests", "docs", "node_modules")
ALWAYS = ("tests/architecture", "tests/contract", "tests/invariants")
"""Walls and promises: any change may break them."""
FARTHEST = 3
"""Imports between a test and a change; what is farther is for the whole suite."""


def changed() -> list[str]:
    """Files that differ from the main branch, also those that git does not know yet."""
    known = (_git("merge-base", each, "HEAD") for each in ("main", "origin/main", "HEAD~1", "HEAD"))
    [since] = next(found for found in known if found)
    return sorted({*_git("diff", "--name-only", since), *_git("ls-files", "-o", "--exclude-standard")})


def by_change(files: Iterable[str]) -> list[str]:
    """Tests that a change of these files touches, the nearest first."""
    sources = {path for each in files for path in _modules_at(each)}
    return _ordered(_distances(sources))


def by_word(word: str) -> list[str]:
    """Tests of a service or a subject: those in folders and files of that name, then those that import it."""
    named = {each for each in _tests() if word in _words(each)}
    about = {path for path in _sources() if word in path.relative_to(ROOT).with_suffix("").parts}
    if (service := ROOT / "services" / word).is_dir():
        about = {path for path in about if path.is_relative_to(service)}
    if not named and not about:
        return []
    distances = {each: steps for each, steps in _distances(about).items() if steps <= 1}
    return _ordered(distances | dict.fromkeys(named, 0))


def _ordered(distances: dict[Path, int]) -> list[str]:
    near = [each for each in distances if each.name.startswith("test_") and distances[each] <= FARTHEST]
    near.sort(key=lambda each: (distances[each], str(each)))
    found = [str(each.relative_to(ROOT)) for each in near]
    every = [str(each.relative_to(ROOT)) for each in _tests()]
    return list(dict.fromkeys([*found, *(each for each in every if each.startswith(ALWAYS))]))


def _words(test: Path) -> set[str]:
    """The names of a test's folders, and the words of its own, once as they are and once without a plural."""
    folders = test.relative_to(ROOT).parts[1:-1]
    own = test.stem.removeprefix("test_")
    return {*folders, own, f"{own}s", *own.split("_")}


def _distances(begin: Iterable[Path]) -> dict[Path, int]:
    """How many imports away from one of these each module is; what a test shares with others costs none."""
    importers = _importers()
    found = dict.fromkeys(begin, 0)
    waiting = deque(found)
    while waiting:
        at = waiting.popleft()
        for each in importers[at]:
            steps = found[at] + (0 if _is_test(at) else 1)
            if steps < found.get(each, FARTHEST + 1):
                found[each] = steps
                waiting.append(each)
    return found


@cache
def _importers() -> dict[Path, set[Path]]:
    """Who imports each module; a conftest is imported by every test below it, a service by its tests."""
    found: dict[Path, set[Path]] = defaultdict(set)
    for path in [*_sources(), *(ROOT / "tests").rglob("*.py")]:
        for name in _imported(path):
            if target := _module(name):
                found[target].add(path)
        if path.name.startswith("test_"):
            for each in _without_import(path):
                found[each].add(path)
    return found


def _without_import(test: Path) -> Iterator[Path]:
    inside = test.relative_to(ROOT)
    given = [ROOT / folder / "conftest.py" for folder in inside.parents]
    given += [ROOT / "services" / folder / "service.py" for folder in inside.parts[1:-1]]
    yield from (each for each in given if each.exists())


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{each.name}" for each in node.names)


@cache
def _module(name: str) -> Path | None:
    """The file of a module, or of the module that an imported name stands in."""
    parts = name.split(".")
    for length in (len(parts), len(parts) - 1):
        base = ROOT.joinpath(*parts[:length])
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if length and path.exists():
                return path
    return None


def _modules_at(file: str) -> list[Path]:
    """The module that a file is; of data, the modules nearest to where it lies."""
    path = ROOT / file
    if path.suffix == ".py":
        return [path]
    for folder in path.parents:
        if folder in (ROOT, *ROOT.parents):
            return []
        if modules := sorted(folder.glob("*.py")):
            return modules
    return []


@cache
def _sources() -> Sequence[Path]:
    trees = [each for each in ROOT.iterdir() if each.is_dir() and each.name not in NOT_SOURCES]
    return sorted(path for each in trees if not each.name.startswith(".") for path in each.rglob("*.py"))


@cache
def _tests() -> Sequence[Path]:
    return sorted((ROOT / "tests").rglob("test_*.py"))


def _is_test(path: Path) -> bool:
    return path.is_relative_to(ROOT / "tests")


def _git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else []
