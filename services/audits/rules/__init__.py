"""Rules of the field as dated data: frameworks with their clauses, lateness, inputs of a review."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from contracts.audits.nonconformities import Severity
from contracts.audits.programmes import ClauseView, FrameworkView

HERE = Path(__file__).parent
FRAMEWORKS = ("tcvn_iso_9001_2015",)


@dataclass(frozen=True, kw_only=True)
class OverdueRule:
    """When lateness becomes a nonconformity; the fields are explained in `overdue.toml`."""

    effective_from: date
    group: str
    not_before: date
    action_from: int
    severity: Severity
    number: str
    basis: str


@cache
def frameworks() -> Mapping[str, FrameworkView]:
    """Every edition, by code and edition: `tcvn-iso-9001:2015`."""
    found = (_framework(_read(name)) for name in FRAMEWORKS)
    return {f"{each.code}:{each.edition}": each for each in found}


def overdue_rule(day: date) -> OverdueRule | None:
    """The rule in force on a date; without one lateness opens nothing."""
    rules = [
        OverdueRule(**{**raw, "severity": Severity(raw["severity"])}) for raw in _read("overdue")["rule"]
    ]
    return max(
        (rule for rule in rules if rule.effective_from <= day),
        key=lambda rule: rule.effective_from,
        default=None,
    )


def review_inputs() -> list[Mapping[str, str]]:
    """The inputs of clause 9.3.2, in order."""
    inputs: list[Mapping[str, str]] = _read("review_inputs")["input"]
    return inputs


def minutes_kept_days() -> int:
    """For how many days the store keeps a minute from being deleted."""
    days: int = _read("minutes")["minutes"]["keep_days"]
    return days


def numbers(framework: str) -> list[str]:
    """Every number that a framework gives to a clause, at any depth: what a finding may cite."""
    return next(list(raw["numbers"]) for raw in map(_read, FRAMEWORKS) if _key(raw) == framework)


def is_clause(number: str) -> bool:
    """Whether one of the frameworks has a clause of this number, at any depth."""
    return any(number in raw["numbers"] for raw in map(_read, FRAMEWORKS))


def _key(raw: Mapping[str, Any]) -> str:
    return f"{raw['code']}:{raw['edition']}"


def _framework(raw: Mapping[str, Any]) -> FrameworkView:
    clauses = [ClauseView(number=n, title=vi, title_en=en) for n, (vi, en) in raw["clauses"].items()]
    named = {name: raw[name] for name in ("code", "title", "edition", "effective_from")}
    return FrameworkView(**named, clauses=clauses)


@cache
def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))
