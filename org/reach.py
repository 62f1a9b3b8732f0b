"""Which agencies an actor reaches: a projection of the dated tree that every service keeps.

Rows of lists hold a stable `agency_id`; the closure answers which agencies stand below which on a date.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    any_,
    cast,
    exists,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from kernel.data.periods import lasts
from kernel.trust.identity import Held
from kernel.trust.reach import Reach
from org.tables import agency_closure, agency_nodes


def _on(day: date) -> ColumnElement[bool]:
    closure = agency_closure.c
    return lasts(closure.valid_from, closure.valid_to, day)


def may_reach(session: Session, held: Iterable[Held], agency_id: UUID, day: date) -> bool:
    """Whether one of the held roles reaches the agency on that day."""
    roles = list(held)
    if any(role.agency_id == agency_id for role in roles):
        return True
    above = [role.agency_id for role in roles if role.with_subtree]
    if not above:
        return False
    found = exists().where(
        agency_closure.c.ancestor_id.in_(above), agency_closure.c.descendant_id == agency_id, _on(day)
    )
    # What is gone stands below nothing today, and the roles over the whole tree still answer for it.
    known = exists().where(agency_nodes.c.id == agency_id)
    return bool(session.scalar(select(or_(found, and_(_is_root(above), known)))))


def _is_root(above: Iterable[UUID]) -> ColumnElement[bool]:
    return exists().where(agency_nodes.c.id.in_(above), agency_nodes.c.parent_id.is_(None))


def reach(session: Session, held: Iterable[Held], own: UUID | None, day: date) -> Reach:
    """Everything for a holder of a role over the whole tree, else the agencies reached."""
    roles = list(held)
    above = {role.agency_id for role in roles if role.with_subtree}
    if above and session.scalar(select(_is_root(above))):
        return Reach(everything=True)
    ids = {role.agency_id for role in roles} | ({own} if own else set())
    if above:
        below = select(agency_closure.c.descendant_id).where(
            agency_closure.c.ancestor_id.in_(above), _on(day)
        )
        ids |= set(session.scalars(below))
    return Reach(everything=False, agency_ids=tuple(sorted(ids)))


def within(
    select_: Select[tuple[object, ...]], column: ColumnElement[UUID], to: Reach
) -> Select[tuple[object, ...]]:
    """`select_` kept to what `to` reaches: no filter, `=`, or any of some."""
    if to.everything:
        return select_
    if len(to.agency_ids) == 1:
        return select_.where(column == to.agency_ids[0])
    return select_.where(among(column, to.agency_ids))


def in_reach(column: ColumnElement[Any], to: Reach) -> ColumnElement[bool]:
    """The same as a condition, to stand beside others."""
    return literal(True) if to.everything else among(column, to.agency_ids)


def among(column: ColumnElement[Any], agency_ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Whether the column is one of the agencies, as one value.

    Written one by one, a few hundred take longer to be sent than the answer takes to be found.
    """
    return column == any_(cast(literal(list(agency_ids), ARRAY(Uuid)), ARRAY(Uuid)))
