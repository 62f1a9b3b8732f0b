"""Notify's dated data files, read once and checked when the process starts."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from contracts import every, messages
from services.notify.digests.domain import DigestRule
from services.notify.notices.domain import BadRule, Rule

HERE = Path(__file__).parent
# A rule names its event by topic.
every.load()


class Rules:
    """The rules, asked by topic and day."""

    def __init__(self, rules: list[Rule], letters_at_most: int) -> None:
        self._rules, self.letters_at_most = rules, letters_at_most

    def of(self, topic: str, day: date) -> list[Rule]:
        """The rules for an event in the file's order: whom an earlier one notifies, a later one skips."""
        return [rule for rule in self._rules if rule.topic == topic and rule.is_valid(day)]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)


def audiences() -> Rules:
    """Who is notified of what from which event."""
    raw = tomllib.loads((HERE / "audiences.toml").read_text("utf-8"))
    rules = msgspec.convert(raw["rules"], list[Rule])
    for rule in rules:
        for part in ("subject", "body"):
            if f"notice_{rule.kind}_{part}" not in messages.catalogue():
                raise BadRule(f"{rule.kind}: the catalogue has no notice_{rule.kind}_{part}")
    return Rules(rules, int(raw["letters_at_most"]))


def digests() -> tuple[DigestRule, ...]:
    """When the daily digest is sent and what it covers."""
    raw = tomllib.loads((HERE / "digest.toml").read_text("utf-8"))
    return msgspec.convert(raw["rules"], tuple[DigestRule, ...])
