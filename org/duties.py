"""The most urgent rows of several kinds at once, with the counts of all: one statement for any number."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, union_all
from sqlalchemy.orm import Session

from contracts.duties import DutyCount, DutyKind


def most_urgent(
    session: Session, kinds: Sequence[Select[Any]], *, first: int, now: datetime
) -> list[Row[Any]]:
    """The `first` rows of each select, those due first before those without a due time.

    Each select names the same columns, `due_at`, `since` and `subject_id` among them. A row says beside them
    how many there are of its select (`in_all`), and how many of these are past their due time (`late`).
    """
    parts = [_first(each, first, now) for each in kinds]
    return list(session.execute(union_all(*parts)).all())


def counts_of(rows: Iterable[Row[Any]]) -> list[DutyCount]:
    """What any of its rows says of each kind."""
    by_kind = {row.kind: row for row in rows}
    return [DutyCount(kind=DutyKind(kind), count=row.in_all, late=row.late) for kind, row in by_kind.items()]


def _first(kind: Select[Any], first: int, now: datetime) -> Select[Any]:
    rows = kind.subquery()
    counted = select(
        rows,
        func.count().over().label("in_all"),
        func.count().filter(rows.c.due_at < now).over().label("late"),
    )
    order = (rows.c.due_at.asc().nulls_last(), rows.c.since.asc().nulls_last(), rows.c.subject_id)
    return select(counted.order_by(*order).limit(first).subquery())
