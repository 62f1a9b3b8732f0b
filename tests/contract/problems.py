"""Writes docs/problems.md, every reason for which a client may be refused (`make policy`, `--check`)."""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from contracts import messages
from tests.contract.written import keep

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "docs" / "problems.md"
ANSWERING = ("kernel", "services", "gateway")
KINDS = ("Invalid", "NotFound", "Forbidden", "Conflict", "Unavailable")


def codes() -> dict[str, set[str]]:
    """Every code with a remedy that the code of an answering process names, and its kinds."""
    known = {code for code, entry in messages.catalogue().items() if entry.remedy}
    found: dict[str, set[str]] = defaultdict(set)
    for path in (each for folder in ANSWERING for each in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in known:
                found[node.value] |= set()
            elif isinstance(node, ast.Call) and node.args:
                for code in _constants(node.args[0]):
                    if code in known:
                        found[code] |= {_name(node.func)} & set(KINDS)
    return dict(sorted(found.items()))


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_constants(node.body), *_constants(node.orelse))


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def page() -> str:
    """The whole page."""
    head = [f"# {_both('problems_title')}", ""]
    for code in ("problems_made", "problems_how_to_read"):
        said = messages.text(code)
        head += [said.vi, "", said.en, ""]
    names = ("code", "kind", "message", "remedy")
    columns = " | ".join(_both(f"problems_column_{name}") for name in names)
    rows = [f"| {columns} |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows, *(_row(code, kinds) for code, kinds in codes().items())]) + "\n"


def _row(code: str, kinds: set[str]) -> str:
    entry = messages.catalogue()[code]
    assert entry.remedy is not None
    kind = ", ".join(sorted(kinds)) or "–"
    cells = (f"{entry.text.vi}<br>{entry.text.en}", f"{entry.remedy.vi}<br>{entry.remedy.en}")
    return f"| `{code}` | {kind} | " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _both(code: str) -> str:
    said = messages.text(code)
    return f"{said.vi} · {said.en}"


def main(arguments: list[str]) -> int:
    """Write, or compare."""
    return keep(COMMITTED, page(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
