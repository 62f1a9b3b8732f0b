"""The source tree as the architecture tests read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = (
    "contracts",
    "worktime",
    "kernel",
    "services",
    "gateway",
    "ops",
    "deploy",
    "tests",
    "portal",
    "bench",
    "client",
    "demo",
    "org",
)
SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/service.py"))


def files(*patterns: str) -> Iterator[Path]:
    """The Python files under these glob patterns."""
    for pattern in patterns:
        found = ROOT.glob(pattern)
        for path in found:
            yield from path.rglob("*.py") if path.is_dir() else [path]


def imported(path: Path) -> set[str]:
    """Every module a file imports, with the name taken from it where that is a module of ours."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def starts(name: str, prefixes: set[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)
