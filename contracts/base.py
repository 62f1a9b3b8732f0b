"""What every message is: a command asks, an event reports, a view shows; each written once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, TypeVar, dataclass_transform, get_args, get_origin
from uuid import UUID

from msgspec import Meta

FORM = "form"


class Form(StrEnum):
    """Which one form a text is kept in; `kernel.base.forms` makes it; every text of a request names one."""

    LINE = "line"
    PROSE = "prose"
    CODE = "code"
    NUMBER = "number"
    VERBATIM = "verbatim"


def text(form: Form, shortest: int, longest: int, pattern: str | None = None) -> Meta:
    """The annotation of a text: its form, how short and long it may be in that form, and how it is built."""
    return Meta(min_length=shortest, max_length=longest, pattern=pattern, extra={FORM: form})


Name = Annotated[str, text(Form.LINE, 1, 300)]
Code = Annotated[str, text(Form.CODE, 1, 60)]
Prose = Annotated[str, text(Form.PROSE, 0, 8000)]
Reason = Annotated[str, text(Form.PROSE, 3, 2000)]
Search = Annotated[str, text(Form.LINE, 0, 100)]
PageSize = Annotated[int, Meta(ge=1, le=100)]

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""Between these days lies every date of a request: an unset date of another system does not."""
YEARS_AHEAD = "years_ahead"
DueDay = Annotated[date, Meta(extra={YEARS_AHEAD: 10})]
"""A day by which, or on which, something is to be done: no more than ten years ahead."""


A = TypeVar("A")
"""What a command or a question is answered with."""


@dataclass(kw_only=True)
class Command(Generic[A]):
    """A request to change something; repeating it with the same `request_id` acts once."""

    request_id: UUID


@dataclass(kw_only=True)
class Errand(Command[A]):
    """A command that the gateway gives by itself on a caller's behalf; no mutation of the schema."""


class Addressed:
    """Marks a command that is judged also by the address it comes from, which the gateway says beside it."""


@dataclass(kw_only=True)
class Question(Generic[A]):
    """A request to read something; changes nothing."""


class Event:
    """A fact in the past tense with its resulting state; `topic` is its versioned name on the bus."""

    topic: ClassVar[str]


E = TypeVar("E", bound=Event)
EVENTS: dict[str, type[Event]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(topic: str) -> Callable[[type[E]], type[E]]:
    """Freeze the class as a dataclass and register it under its versioned topic."""

    def register(cls: type[E]) -> type[E]:
        if topic in EVENTS:
            raise TypeError(f"{topic} is already {EVENTS[topic].__qualname__}")
        cls.topic = topic
        EVENTS[topic] = dataclass(frozen=True, kw_only=True)(cls)
        return cls

    return register


def source_of(topic: str) -> str:
    """The service that publishes a topic: `documents.revision_issued.v1` is published by `documents`."""
    return topic.partition(".")[0]


@dataclass(kw_only=True)
class ByIds(Question[list[A]], Generic[A]):
    """Ask for many things at once; those the asker may not see are left out, in any order."""

    ids: Annotated[list[UUID], Meta(max_length=500)]


@dataclass(kw_only=True)
class PageOf(Question[A]):
    """One page of a list by keyset: `after` is the `cursor` of the last item already seen."""

    first: PageSize = 50
    after: Annotated[str, text(Form.VERBATIM, 0, 400)] | None = None


@dataclass(kw_only=True)
class PageEnd:
    """Where a page ended: whether there is more, and the cursor to go on from."""

    has_next: bool
    cursors: list[str]


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What is known of every event beside its content; `sequence` is its gapless place in the log."""

    message_id: UUID
    topic: str
    sequence: int
    aggregate_id: UUID
    version: int
    occurred_at: datetime
    recorded_at: datetime
    person_id: UUID | None = None
    position_id: UUID | None = None
    trace_id: str | None = None
    cause_id: UUID | None = None


@dataclass(kw_only=True)
class EventLog:
    """Messages as they are on the bus (`{"envelope": …, "event": …}`), and how far the log was read."""

    messages: list[dict[str, Any]]
    read_to: int
    head: int


@dataclass(kw_only=True)
class EventsAfter(Question[EventLog]):
    """A stretch of a service's event log, for a consumer that catches up."""

    sequence: Annotated[int, Meta(ge=0)]
    topics: list[Code]
    limit: Annotated[int, Meta(ge=1, le=1000)] = 500


def name_of(contract: type) -> str:
    """The method that a command or a question asks for: `create_document` for `CreateDocument`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", contract.__name__).lower()


def answer_of(contract: type) -> Any:
    """What a command or a question is answered with, as its class says: `DossierView` for `HandOver`."""
    if contract not in _ANSWERS:
        _ANSWERS[contract] = _answer(contract, {})
    return _ANSWERS[contract]


_ANSWERS: dict[type, Any] = {}


def _answer(contract: Any, known: Mapping[Any, Any]) -> Any:
    for base in getattr(contract, "__orig_bases__", ()):
        origin, given = get_origin(base), get_args(base)
        if origin in (Command, Question):
            return _filled(given[0], known)
        if origin is not None and issubclass(origin, Command | Question):
            return _answer(origin, {A: _filled(given[0], known)})
    for base in contract.__bases__:
        if issubclass(base, Command | Question):
            return _answer(base, known)
    raise TypeError(f"{contract.__qualname__} does not say what it is answered with")


def _filled(answer: Any, known: Mapping[Any, Any]) -> Any:
    if answer in known:
        return known[answer]
    inner = getattr(answer, "__parameters__", ())
    return answer[tuple(known[each] for each in inner)] if inner else answer
