"""Writes docs/policy.md, who may do what, from the services' own tables (`make policy`, `--check`)."""

import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from contracts import messages
from kernel.trust.policy import Relation, Row
from services.directory import rules
from tests.contract.written import keep

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "docs" / "policy.md"
SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/service.py"))
COLUMNS = ("action", "kind", "relation", "roles", "states")


def service_of(name: str) -> Any:
    """The service's class."""
    return getattr(import_module(f"services.{name}.service"), f"{name.title()}Service")


def operations_of(service: Any) -> dict[str, tuple[type, bool, bool]]:
    """A service's methods: contract, whether it writes, whether its request id is claimed."""
    return {
        name: (each.contract, each.writes, each.once)
        for name, each in service.operations.items()
        if name in service.policy.rows
    }


def page() -> str:
    """The whole page."""
    lines = [f"# {_both('policy_title')}", "", *_paragraphs("policy_made", "policy_how_to_read")]
    lines += [f"## {_both('policy_relations')}", "", *_named("policy_relation_", Relation)]
    lines += [f"## {_both('policy_roles')}", "", *_named_roles()]
    for name in SERVICES:
        lines += [f"## {_both('policy_service', service=f'`{name}`')}", "", *_table(name)]
        lines += [*_sights(name), *_scopes(name)]
    return "\n".join([*lines, f"## {_both('policy_may_grant')}", "", *_may_grant()]) + "\n"


def _both(code: str, **facts: Any) -> str:
    text = messages.text(code, **facts)
    return f"{text.vi} · {text.en}"


def _paragraphs(*codes: str) -> Iterator[str]:
    for code in codes:
        text = messages.text(code)
        yield from (text.vi, "", text.en, "")


def _named(prefix: str, codes: Iterable[Any]) -> list[str]:
    return [*(f"- `{each.value}` – {_both(prefix + each.value)}" for each in codes), ""]


def _table(name: str) -> list[str]:
    service = service_of(name)
    operations = operations_of(service)
    heads = [_both(f"policy_column_{each}") for each in COLUMNS]
    rows = [each for action in service.policy.rows for each in service.policy.rows[action]]
    said = (_cells(each, writes=operations[each.action][1]) for each in rows)
    lines = [heads, ["---"] * len(heads), *said]
    return [*(f"| {' | '.join(cells)} |" for cells in lines), ""]


def _cells(each: Row, *, writes: bool) -> list[str]:
    kind = messages.text("policy_writes" if writes else "policy_reads").vi
    anybody = (
        ""
        if each.relation in (Relation.PUBLIC, Relation.SYSTEM, Relation.CLIENT)
        else _both("policy_everybody")
    )
    roles = _roles(each.roles) if each.roles else anybody
    states = ", ".join(f"`{state}`" for state in sorted(each.states))
    return [f"`{each.action}`", kind, f"`{each.relation.value}`", roles, states]


def _roles(codes: Iterable[str]) -> str:
    held = set(codes)
    return ", ".join(each.name.vi for each in rules.roles().rules if each.code.value in held)


def _named_roles() -> list[str]:
    return [*(f"- `{each.code.value}` – {each.name.vi} · {each.name.en}" for each in rules.roles().rules), ""]


def _sights(name: str) -> list[str]:
    sights = service_of(name).policy.sights
    if not sights:
        return []
    said = (
        f"- `{each}` – {_both(f'policy_sight_{name}_{each}')}: {_roles(roles)}"
        for each, roles in sights.items()
    )
    return [f"**{_both('policy_sights')}**", "", *said, ""]


def _scopes(name: str) -> list[str]:
    scopes = service_of(name).policy.scopes
    if not scopes:
        return []
    said = []
    for each, actions in scopes.items():
        opened = ", ".join(f"`{action}`" for action in sorted(actions))
        said.append(f"- `{each}` – {_both('scope_' + each.replace('.', '_'))}: {opened}")
    return [f"**{_both('policy_scopes')}**", "", *said, ""]


def _may_grant() -> list[str]:
    table = rules.roles().may_grant
    return [f"- **{_roles([role])}**: {_roles(granted)}" for role, granted in table.items() if granted]


def main(arguments: list[str]) -> int:
    """Write, or compare."""
    return keep(COMMITTED, page(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
