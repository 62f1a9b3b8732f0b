"""Every table of rights with one cell changed: a role, a relation, a state, a signature, a scope."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Any

from contracts.directory.roles import Role
from kernel.trust.policy import Policy, Relation, Row

ROLES = tuple(role.value for role in Role)


def mutants(policy: Policy) -> Iterator[tuple[str, Policy]]:
    """What was changed, and the table so changed."""
    for action, rows in policy.rows.items():
        for place, row in enumerate(rows):
            for what, changed in _cells(policy, row):
                others = (*rows[:place], *changed, *rows[place + 1 :])
                yield f"{action}: {what}", _with(policy, "rows", action, others)
    for name in policy.sights:
        for role in ROLES:
            yield f"sight {name}: {role}", _with(policy, "sights", name, policy.sights[name] ^ {role})
    for name in policy.scopes:
        for action in policy.rows:
            yield f"scope {name}: {action}", _with(policy, "scopes", name, policy.scopes[name] ^ {action})


def _cells(policy: Policy, row: Row) -> Iterator[tuple[str, tuple[Row, ...]]]:
    yield "the line taken out", ()
    for role in ROLES:
        yield f"role {role}", (replace(row, roles=row.roles ^ {role}),)
    for relation in Relation:
        if relation is not row.relation:
            yield f"relation {relation}", (replace(row, relation=relation),)
    for state in _states(policy):
        yield f"state {state}", (replace(row, states=row.states ^ {state}),)
    if row.states:
        yield "all states", (replace(row, states=frozenset()),)
    yield "signature", (replace(row, signs=not row.signs),)


def _states(policy: Policy) -> list[str]:
    return sorted(frozenset().union(*(row.states for rows in policy.rows.values() for row in rows)))


def _with(policy: Policy, part: str, name: str, value: Any) -> Policy:
    changed = copy(policy)
    setattr(changed, part, {**getattr(policy, part), name: value})
    return changed
