"""Rules of counting as dated data: which one is in force is a question of the day of receipt."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from kernel.base.errors import Invalid
from worktime.deadline import RollOver, Rules

HERE = Path(__file__).parent


def counting(day: date) -> Rules:
    """How a due time is counted for what is received that day."""
    rule = _in_force("deadlines", day)
    return Rules(
        effective_from=rule["effective_from"],
        basis=rule["basis"],
        hours_per_day=float(rule["hours_per_day"]),
        cut_off=rule["cut_off"],
        roll_over=RollOver(rule["roll_over"]),
    )


def warning(day: date) -> tuple[float, timedelta]:
    """The share of the time at which to warn, and the longest time ahead."""
    rule = _in_force("warnings", day)
    return float(rule["share"]), timedelta(hours=rule["at_most_hours"])


def pause_reasons(day: date) -> Mapping[str, Mapping[str, Any]]:
    """The reasons for a pause on that day, by code."""
    return {
        each["code"]: each
        for each in _read("pauses")["reason"]
        if each["effective_from"] <= day < each.get("effective_to", date.max)
    }


@dataclass(frozen=True, kw_only=True)
class Bringing:
    """How far back a day of receipt may lie, and who may be named without a link: see `bringing.toml`."""

    registered_days: int
    synced_days: int
    others_days: int
    above: bool
    below: bool


def bringing(day: date) -> Bringing:
    """What an agency may say that day of dossiers it brings."""
    rule = _in_force("bringing", day)
    return Bringing(**{each.name: rule[each.name] for each in fields(Bringing)})


def years(day: date) -> range:
    """The years a calendar covers."""
    rule = _in_force("calendar", day)
    return range(rule["first_year"], rule["last_year"] + 1)


def _in_force(name: str, day: date) -> Mapping[str, Any]:
    rules = [rule for rule in _read(name)["rule"] if rule["effective_from"] <= day]
    if not rules:
        raise Invalid("received_before_any_rule", "receivedAt", day=day.strftime("%d/%m/%Y"))
    return max(rules, key=lambda rule: rule["effective_from"])


@cache
def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))
