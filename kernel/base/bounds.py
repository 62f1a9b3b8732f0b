"""Bounds of dates: what a caller sends lies in years that the platform can count with.

An unset date arrives from other systems as 0001-01-01 or 9999-12-31. Python and PostgreSQL take both, and
fail only when a time zone or a day is added. So every date of a request is judged at the boundary, before any
rule of the field sees it.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from msgspec import Meta

from contracts.base import EARLIEST, LATEST, YEARS_AHEAD
from kernel.base import clock
from kernel.base.errors import Invalid
from kernel.base.text import camel


class Fault(NamedTuple):
    """A date that lies outside: where it stands, and between which days it had to lie."""

    path: tuple[str, ...]
    earliest: date
    latest: date


Judge = Callable[[Any, int | None], Fault | None]


def check(thing: Any) -> None:
    """Refuse the first date in `thing`, at any depth, that lies outside its bounds; the refusal names it."""
    judge = _judge(type(thing))
    if judge is None or (fault := judge(thing, None)) is None:
        return
    field = ".".join(fault.path)
    raise Invalid(
        "date_out_of_bounds",
        field,
        name=field,
        earliest=f"{fault.earliest:%d/%m/%Y}",
        latest=f"{fault.latest:%d/%m/%Y}",
    )


def is_within(day: date) -> bool:
    """Whether a day lies within the bounds of all dates."""
    return EARLIEST <= day <= LATEST


def _judge(hint: Any) -> Judge | None:
    """How values of this type are judged; None where they hold no date."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(inner[0], inner[1:])
    if origin in (Union, UnionType):
        return _first(tuple(each for each in inner if each is not NoneType))
    if origin in (list, tuple):
        return _each(inner[0])
    if isinstance(hint, type) and issubclass(hint, date):
        return _day
    return _whole(hint) if isinstance(hint, type) and is_dataclass(hint) else None


def _day(value: Any, years_ahead: int | None) -> Fault | None:
    latest = LATEST if years_ahead is None else clock.today() + timedelta(days=366 * years_ahead)
    # By the numbers as they were written: to bring a moment to another zone is what fails at the edges.
    written = date(value.year, value.month, value.day)
    return None if EARLIEST <= written <= latest else Fault((), EARLIEST, latest)


def _annotated(hint: Any, notes: tuple[Any, ...]) -> Judge | None:
    judge = _judge(hint)
    extras = [each.extra for each in notes if isinstance(each, Meta) and each.extra]
    ahead = next((extra[YEARS_AHEAD] for extra in extras if YEARS_AHEAD in extra), None)
    if judge is None or ahead is None:
        return judge
    return lambda value, _: judge(value, ahead)


def _first(hints: tuple[Any, ...]) -> Judge | None:
    judges = [judge for judge in map(_judge, hints) if judge is not None]
    if not judges:
        return None
    [judge] = judges
    return lambda value, ahead: None if value is None else judge(value, ahead)


def _each(hint: Any) -> Judge | None:
    judge = _judge(hint)
    if judge is None:
        return None

    def judged(values: Any, ahead: int | None) -> Fault | None:
        for place, value in enumerate(values):
            if fault := judge(value, ahead):
                return fault._replace(path=(str(place), *fault.path))
        return None

    return judged


@cache
def _whole(shape: type[Any]) -> Judge | None:
    hints = get_type_hints(shape, include_extras=True)
    parts = [(each.name, judge) for each in fields(shape) if (judge := _judge(hints[each.name]))]
    if not parts:
        return None

    def judged(thing: Any, _: int | None) -> Fault | None:
        for name, judge in parts:
            if fault := judge(getattr(thing, name), None):
                return fault._replace(path=(camel(name), *fault.path))
        return None

    return judged
