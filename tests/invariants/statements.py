"""What law and standard say of rights, written by hand in this folder's data, and whether a table keeps it.

The statements know the names of actions and roles and nothing of `policy.py`: a table that changes without
them is found wrong. `python -m tests.invariants.statements` writes docs/invariants.md (`make policy`).
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contracts.messages import text
from kernel.trust.policy import Policy, Row
from tests.contract.written import keep

HERE = Path(__file__).parent
COMMITTED = HERE.parents[1] / "docs" / "invariants.md"
SERVICES = ("audits", "cases", "directory", "documents", "notify")
KINDS = ("may", "never", "sees", "opens", "grants", "act")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One sentence a lawyer could check, and what it says of the table in the table's own words."""

    id: str
    kind: str
    where: str
    vi: str
    en: str
    basis: str
    says: dict[str, Any]

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(self.says.get("do", ()))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(self.says.get("roles", ()))

    def as_row(self, action: str) -> Row:
        """The line of the table that a `may` allows."""
        return Row(
            action=action,
            relation=self.says["relation"],
            roles=self.roles,
            states=frozenset(self.says.get("states", ())),
            signs=self.says.get("signs", False),
        )


@cache
def statements() -> tuple[Statement, ...]:
    """All of them, file by file."""
    return tuple(each for path in sorted(HERE.glob("*.toml")) for each in _read(path))


def _read(path: Path) -> Iterator[Statement]:
    raw = tomllib.loads(path.read_text("utf-8"))
    for kind in KINDS:
        for given in raw.pop(kind, []):
            head = {name: given.pop(name) for name in ("id", "vi", "en", "basis")}
            yield Statement(kind=kind, where=path.stem, says=given, **head)
    if raw:
        raise ValueError(f"{path.name}: no kind of statement: {', '.join(raw)}")


def about(service: str) -> list[Statement]:
    """The statements that bind a service's table."""
    return [each for each in statements() if each.where in (service, "everywhere")]


def broken(service: str, policy: Policy) -> list[str]:
    """The ids of the statements that this table does not keep, and what no statement allows."""
    mine = about(service)
    return [*_broken_rows(mine, policy), *_broken_never(mine, policy), *_broken_parts(mine, policy)]


def _broken_rows(mine: list[Statement], policy: Policy) -> Iterator[str]:
    """An action is allowed exactly as its statements allow it, in one way each."""
    said: dict[str, Counter[Row]] = {}
    ids: dict[str, list[str]] = {}
    for each in mine:
        for action in each.actions if each.kind == "may" else ():
            said.setdefault(action, Counter())[each.as_row(action)] += 1
            ids.setdefault(action, []).append(each.id)
    for action in said.keys() | policy.rows.keys():
        if said.get(action) != Counter(policy.rows.get(action, ())):
            yield f"{action}: {', '.join(ids.get(action, [])) or 'nothing says who may'}"


def _broken_never(mine: list[Statement], policy: Policy) -> Iterator[str]:
    for each in mine:
        for action in each.actions if each.kind == "never" else ():
            if policy.roles_for(action, None) & each.roles:
                yield f"{action}: {each.id}"


def _broken_parts(mine: list[Statement], policy: Policy) -> Iterator[str]:
    seen = {each.says["sight"]: (each.roles, each.id) for each in mine if each.kind == "sees"}
    for sight in seen.keys() | policy.sights.keys():
        roles, id_ = seen.get(sight, (None, "nothing says who sees it"))
        if roles != policy.sights.get(sight):
            yield f"{sight}: {id_}"
    opened = {each.says["scope"]: (frozenset(each.actions), each.id) for each in mine if each.kind == "opens"}
    for scope in opened.keys() | policy.scopes.keys():
        actions, id_ = opened.get(scope, (None, "nothing says what it opens"))
        if actions != policy.scopes.get(scope):
            yield f"{scope}: {id_}"


def page() -> str:
    """docs/invariants.md."""
    lines = [f"# {_both('invariants_title')}", ""]
    for code in ("invariants_made", "invariants_how_to_read"):
        said = text(code)
        lines += [said.vi, "", said.en, ""]
    for where in dict.fromkeys(each.where for each in statements()):
        lines += [f"## {_both(f'invariants_of_{where}')}", ""]
        lines += [_line(each) for each in statements() if each.where == where]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _line(each: Statement) -> str:
    return f"- **{each.id}** {each.vi} *{each.basis}.* {each.en}"


def _both(code: str) -> str:
    said = text(code)
    return f"{said.vi} · {said.en}"


def main(arguments: Iterable[str]) -> int:
    """Write, or compare."""
    return keep(COMMITTED, page(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
