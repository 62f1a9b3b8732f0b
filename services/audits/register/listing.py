"""How the things of audits are listed and shown: visibility in the query, whole things by page."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select

from kernel.data.paging import Direction, page
from kernel.work.call import Call
from org.reach import in_reach, within

V = TypeVar("V")
E = TypeVar("E")


def as_view(view: type[V], found: object, **given: Any) -> V:
    """The view, its fields by their names from what was found, but for those given."""
    names = (f.name for f in fields(view) if f.name not in given)  # type: ignore[arg-type]
    return view(**{name: getattr(found, name) for name in names}, **given)


def reached(call: Call, table: Any) -> ColumnElement[bool]:
    """Rows of agencies that the caller reaches."""
    return in_reach(table.c.agency_id, call.reach())


def entities(call: Call, kind: type[E], table: Any, ids: Iterable[UUID]) -> list[E]:
    """Whole things by id, their children in one more statement each, however many there are."""
    wanted = list(ids)
    if not wanted:
        return []
    theirs = select(kind).where(and_(table.c.id.in_(wanted), reached(call, table)))
    return list(call.session.scalars(theirs))


def list_of(call: Call, table: Any, agency_id: UUID | None) -> Select[Any]:
    """Rows that the caller may see, of one agency where it is named."""
    listed = select(table).where(table.c.agency_id == agency_id) if agency_id else select(table)
    return within(listed, table.c.agency_id, call.reach())


def page_of(
    call: Call, kind: type[E], table: Any, listed: Select[Any], by: ColumnElement[Any], question: Any
) -> tuple[list[E], bool, list[str]]:
    """A page of what is listed, the latest `by` first: whole things, whether there are more, cursors."""
    order: list[tuple[ColumnElement[Any], Direction]] = [(by, "desc"), (table.c.id, "desc")]
    rows, has_next, cursors = page(
        call.session, listed.with_only_columns(by, table.c.id), order, question.first, question.after
    )
    ids = [row.id for row in rows]
    found = {each.id: each for each in entities(call, kind, table, ids)}  # type: ignore[attr-defined]
    return [found[id_] for id_ in ids], has_next, cursors
