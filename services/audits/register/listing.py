"""Answers about nonconformities, audits and reviews; each list carries its visibility in the query."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select

from kernel.data.paging import Direction, page
from kernel.work.call import Call
from org.reach import in_reach, within

V = TypeVar("V")
E = TypeVar("E")


def _as(view: type[V], found: object, **given: Any) -> V:
    names = (f.name for f in fields(view) if f.name not in given)  # type: ignore[arg-type]
    return view(**{name: getattr(found, name) for name in names}, **given)


def _reached(call: Call, table: Any) -> ColumnElement[bool]:
    return in_reach(table.c.agency_id, call.reach())


def _entities(call: Call, kind: type[E], table: Any, ids: Iterable[UUID]) -> list[E]:
    """Whole things by id, their children in one more statement each, however many there are."""
    wanted = list(ids)
    if not wanted:
        return []
    theirs = select(kind).where(and_(table.c.id.in_(wanted), _reached(call, table)))
    return list(call.session.scalars(theirs))


def _in_order(call: Call, kind: type[E], table: Any, ids: Sequence[UUID]) -> list[E]:
    found = {each.id: each for each in _entities(call, kind, table, ids)}  # type: ignore[attr-defined]
    return [found[id_] for id_ in ids]


def _listed(call: Call, table: Any, agency_id: UUID | None) -> Select[Any]:
    listed = select(table).where(table.c.agency_id == agency_id) if agency_id else select(table)
    return within(listed, table.c.agency_id, call.reach())


def _page(
    call: Call, listed: Select[Any], by: ColumnElement[Any], id_: ColumnElement[Any], question: Any
) -> tuple[list[UUID], bool, list[str]]:
    order: list[tuple[ColumnElement[Any], Direction]] = [(by, "desc"), (id_, "desc")]
    rows, has_next, cursors = page(
        call.session, listed.with_only_columns(by, id_), order, question.first, question.after
    )
    return [row.id for row in rows], has_next, cursors
