"""Which event notifies whom, through which channels and in which words: rules that are data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.base import EVENTS, Event
from contracts.directory.roles import Role
from contracts.messages import Text, catalogue

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOTHING = "—"


class Channel(StrEnum):
    """Ways to notify somebody. Every notice stands in the system; mail is sent beside it."""

    IN_APP = "in_app"
    EMAIL = "email"


class BadRule(ValueError):
    """A rule speaks of something that is not there: a fault of the data file."""


@dataclass(frozen=True, kw_only=True)
class Holders:
    """The holders of one of the roles so that it reaches the agency named in this field of the event."""

    roles: tuple[Role, ...]
    reaching: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What one event means for some people. Names are fields of the event; `when` is what they must hold."""

    topic: str
    kind: str
    about: str
    about_type: str
    agency: str
    channels: tuple[Channel, ...]
    who: str | None = None
    when: Mapping[str, bool | str] = field(default_factory=dict)
    holders: tuple[Holders, ...] = ()
    staff_of: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    also_without_post: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    valid_from: date
    valid_to: date | None = None
    basis: str

    def __post_init__(self) -> None:
        event = EVENTS.get(self.topic)
        if event is None:
            raise BadRule(f"{self.kind}: nobody tells {self.topic}")
        named = {self.about, self.agency, *self.staff_of, *self.people, *self.never, *self.when}
        named |= {*self.also_without_post, *self.addresses}
        named |= {each.reaching for each in self.holders} | ({self.who} if self.who else set())
        if strange := named - {f.name for f in fields(event)}:  # type: ignore[arg-type]
            raise BadRule(f"{self.kind}: {self.topic} has no {', '.join(sorted(strange))}")
        if Channel.IN_APP not in self.channels:
            raise BadRule(f"{self.kind}: every notice stands in the system")

    def is_valid(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def fits(self, event: Event) -> bool:
        """Whether the event holds what the rule wants of it."""
        return all(getattr(event, name) == value for name, value in self.when.items())


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Whom a rule means once its fields are filled in from an event."""

    holders: tuple[tuple[tuple[Role, ...], UUID], ...] = ()
    staff_of: frozenset[UUID] = field(default_factory=frozenset)
    people: frozenset[UUID] = field(default_factory=frozenset)
    also_without_post: frozenset[UUID] = field(default_factory=frozenset)
    never: frozenset[UUID] = field(default_factory=frozenset)

    @property
    def agencies(self) -> set[UUID]:
        """The agencies whose people it means."""
        return {agency for _, agency in self.holders} | self.staff_of

    def going_to(self, heirs: Mapping[UUID, UUID]) -> "Audience":
        """The same where agencies ended meanwhile: the agency that goes on with their things is notified."""
        holders = tuple((roles, heirs.get(agency, agency)) for roles, agency in self.holders)
        staff_of = frozenset(heirs.get(agency, agency) for agency in self.staff_of)
        return replace(self, holders=holders, staff_of=staff_of)


def audience(rule: Rule, event: Event) -> Audience:
    """Whom this event concerns under the rule."""
    return Audience(
        holders=tuple((each.roles, getattr(event, each.reaching)) for each in rule.holders),
        staff_of=_ids(event, rule.staff_of),
        people=_ids(event, rule.people),
        also_without_post=_ids(event, rule.also_without_post),
        never=_ids(event, rule.never),
    )


def facts(event: Event, *, who: str, agency: str) -> Mapping[str, Any]:
    """What the words of a notice may speak of; dates as people here read them."""
    simple = {f.name: getattr(event, f.name) for f in fields(event)}  # type: ignore[arg-type]
    shown = {name: _shown(value) for name, value in simple.items() if _is_shown(value)}
    return shown | {"who": who, "agency": agency}


def words(kind: str, part: str, known: Mapping[str, Any]) -> Text:
    """The `part` (subject or body) of a notice of this kind with its facts filled in."""
    return catalogue()[f"notice_{kind}_{part}"].text.format(**known)


def _is_shown(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(isinstance(each, StrEnum) for each in value)
    return value is None or (isinstance(value, str | int | date) and not isinstance(value, bool))


def _shown(value: Any) -> str | tuple[str, ...]:
    """Moments in Vietnam's time, dates without one, a dash where there is nothing; several words as codes."""
    if isinstance(value, tuple):
        return tuple(str(each) for each in value)
    if isinstance(value, datetime):
        return f"{value.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return NOTHING if value is None else str(value)


def _ids(event: Event, names: tuple[str, ...]) -> frozenset[UUID]:
    """The ids in these fields, each of which holds one or several."""
    found: set[UUID] = set()
    for name in names:
        value = getattr(event, name)
        found |= {value} if isinstance(value, UUID) else set(value or ())
    return frozenset(found)
