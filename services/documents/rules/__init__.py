"""Rules of the field as dated data: which one counts is a question of the date."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def hours_per_day(day: date) -> float:
    """How many hours a working day has on that date."""
    return float(_in_force("working_day", day)["hours"])


def retention(day: date) -> Mapping[str, Any]:
    """How long issued files are locked and kept, in days."""
    return _in_force("retention", day)


def _in_force(name: str, day: date) -> Mapping[str, Any]:
    rules = [rule for rule in _rules(name) if rule["effective_from"] <= day]
    if not rules:
        raise LookupError(f"no rule of {name}.toml is in force on {day}")
    return max(rules, key=lambda rule: rule["effective_from"])


@cache
def _rules(name: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))["rule"])
