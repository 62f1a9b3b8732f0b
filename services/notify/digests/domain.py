"""The daily digest: on which day one is due, and how it reads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from contracts.messages import Text, catalogue, text
from services.notify.notices.domain import VIETNAM, BadRule


@dataclass(frozen=True, kw_only=True)
class DigestRule:
    """When a digest is sent and what it covers; `kinds` stand in the order in which they are listed."""

    hour: time
    lines: int
    kinds: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None
    basis: str

    def __post_init__(self) -> None:
        if self.lines < 1:
            raise BadRule("a digest needs at least one line for each kind")
        if len(set(self.kinds)) < len(self.kinds):
            raise BadRule("a digest tells of each kind once")
        for kind in self.kinds:
            if f"digest_kind_{kind}" not in catalogue():
                raise BadRule(f"the catalogue has no digest_kind_{kind}")


@dataclass(frozen=True, kw_only=True)
class Due:
    """A digest is due: for this day, to those who wait since before this moment."""

    day: date
    moment: datetime
    rule: DigestRule


@dataclass(frozen=True, kw_only=True)
class Line:
    """One notice in a digest."""

    kind: str
    subject: Text
    posted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Content:
    """What one digest has to report. `lines` are the newest of each kind first; `counts` are of all."""

    who: str
    day: date
    notices: int
    unread_before: int
    counts: Mapping[str, int]
    lines: Sequence[Line]


def rule_on(rules: Iterable[DigestRule], day: date) -> DigestRule | None:
    """The rule in force that day."""
    valid = (each for each in rules if each.valid_from <= day and (not each.valid_to or day < each.valid_to))
    return max(valid, key=lambda each: each.valid_from, default=None)


def due(now: datetime, rules: Iterable[DigestRule], works: Callable[[date], bool]) -> Due | None:
    """Today's digest from its hour on, if today is worked. Days missed are not made up for: the next
    digest covers everything since the last one, and nobody is written to on a day off.
    """
    today = now.astimezone(VIETNAM).date()
    rule = rule_on(rules, today)
    if rule is None or not works(today):
        return None
    moment = datetime.combine(today, rule.hour, VIETNAM)
    return Due(day=today, moment=moment, rule=rule) if moment <= now else None


def subject(content: Content) -> Text:
    """The subject line in both languages."""
    return text("digest_subject", day=content.day.strftime("%d/%m/%Y"), count=content.notices)


def body(content: Content, rule: DigestRule) -> Text:
    """The letter's text in both languages: the most urgent kinds first, each with its newest lines."""
    return Text(vi=_body(content, rule, "vi"), en=_body(content, rule, "en"))


def _body(content: Content, rule: DigestRule, language: str) -> str:
    parts = [
        text("digest_greeting", who=content.who)[language],
        text("digest_opening", count=content.notices)[language],
        *(_group(content, kind, rule.lines, language) for kind in rule.kinds if content.counts.get(kind)),
    ]
    if content.unread_before:
        parts.append(text("digest_unread_before", count=content.unread_before)[language])
    return "\n\n".join([*parts, text("digest_closing")[language]])


def _group(content: Content, kind: str, at_most: int, language: str) -> str:
    """A kind with its number, its newest lines, and how many more there are."""
    name, count = text(f"digest_kind_{kind}")[language], content.counts[kind]
    shown = [line for line in content.lines if line.kind == kind][:at_most]
    lines = [text("digest_group", name=name, count=count)[language]]
    lines += [_line(line, language) for line in shown]
    if count > len(shown):
        lines.append(text("digest_more", count=count - len(shown))[language])
    return "\n".join(lines)


def _line(line: Line, language: str) -> str:
    # A line break in a title would look like a line of its own.
    said = " ".join(line.subject[language].split())
    at = f"{line.posted_at.astimezone(VIETNAM):%H:%M %d/%m}"
    return text("digest_line", subject=said, at=at)[language]
