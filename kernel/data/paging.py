"""Pages by keyset: the next page starts after the last row seen, so page 1,000 costs what page 1 does."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, or_
from sqlalchemy.orm import Session

from kernel.base import wire
from kernel.base.errors import Invalid

Direction = Literal["asc", "desc"]
Order = Sequence[tuple[ColumnElement[Any], Direction]]


class Page(NamedTuple):
    """Some rows of a list, whether it goes on, and where each of them stands in it."""

    rows: list[Row[Any]]
    has_next: bool
    cursors: list[str]


def page(session: Session, select: Select[Any], order: Order, first: int, after: str | None) -> Page:
    """The first of the select, after the cursor; `order` must end in a unique column that the select returns.

    A row's cursor is made of its order columns, so each must be among the selected ones.
    """
    if after is not None:
        select = select.where(beyond(order, after))
    rows = session.execute(select.order_by(*directed(order)).limit(first + 1)).all()
    kept = list(rows[:first])
    names = [str(column.key) for column, _ in order]
    return Page(kept, len(rows) > first, [_write([row._mapping[n] for n in names]) for row in kept])


def directed(order: Order) -> list[ColumnElement[Any]]:
    """The columns of an order, each in its direction."""
    return [column.asc() if way == "asc" else column.desc() for column, way in order]


def beyond(order: Order, after: str) -> ColumnElement[bool]:
    """(a, b) after the (x, y) of a cursor, each column in its own direction."""
    values = _read(after, order)
    cases: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for (column, way), value in zip(order, values, strict=True):
        further = column > value if way == "asc" else column < value
        cases.append(and_(*equal, further))
        equal.append(column == value)
    # The leading bound is what lets an index range scan begin at the right place.
    lead, way = order[0]
    bound = lead >= values[0] if way == "asc" else lead <= values[0]
    return and_(bound, or_(*cases))


def _write(values: list[Any]) -> str:
    return urlsafe_b64encode(wire.encode(values)).decode().rstrip("=")


def _read(cursor: str, order: Order) -> list[Any]:
    """A cursor comes from outside like any other input: whatever it holds, it is read or refused."""
    try:
        values = wire.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [_typed(value, c) for value, (c, _) in zip(values, order, strict=True)]
    except (ValueError, TypeError, Invalid):
        raise Invalid("bad_cursor", "after") from None


def _typed(value: Any, column: ColumnElement[Any]) -> Any:
    typed = wire.load(column.type.python_type, value)
    if isinstance(typed, int) and not -(2**31) <= typed < 2**31:
        raise ValueError("beyond what an integer column can be compared with")
    return typed
