"""Which agencies an actor reaches: a projection of the dated tree that every service keeps.

Rows of lists hold a stable `agency_id`; the closure answers which agencies stand below which on a date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select, text
from sqlalchemy.orm import Session

from contracts.directory import AgencyChanged
from kernel.data.periods import lasts
from kernel.data.projection import upsert
from kernel.data.tables import agency_closure, agency_nodes
from kernel.trust.identity import Held


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The agencies whose things may be seen: all of them, or these."""

    everything: bool
    agency_ids: tuple[UUID, ...] = ()

    def __contains__(self, agency_id: UUID | None) -> bool:
        return self.everything or agency_id in self.agency_ids


def learn_agency(session: Session, event: AgencyChanged, version: int) -> None:
    """Project one agency; repeated and out-of-order facts leave the same tree."""
    # Two facts projected side by side would each miss the other's edge of the tree.
    session.execute(text("select pg_advisory_xact_lock(hashtext('agency_closure'))"))
    state = {
        "parent_id": event.parent_id,
        "code": event.code,
        "name": event.name,
        "short_name": event.short_name,
        "kind": event.kind,
        "valid_from": event.valid_from,
        "valid_to": event.valid_to,
    }
    if upsert(session, agency_nodes, {"id": event.agency_id}, version, state):
        session.execute(_FORGET, {"root": event.agency_id})
        session.execute(_DERIVE, {"root": event.agency_id})


_BELOW = """
  with recursive below(id) as (
    select cast(:root as uuid)
    union select n.id from agency_nodes n join below on n.parent_id = below.id
  )
"""

_FORGET = text(_BELOW + "delete from agency_closure where descendant_id in (select id from below)")

_DERIVE = text(
    _BELOW.rstrip()
    + """,
  up(descendant_id, ancestor_id, parent_id, valid_from, valid_to) as (
    select n.id, n.id, n.parent_id, n.valid_from, n.valid_to
      from agency_nodes n where n.id in (select id from below)
    union all
    select up.descendant_id, n.id, n.parent_id,
           greatest(up.valid_from, n.valid_from), least(up.valid_to, n.valid_to)
      from up join agency_nodes n on n.id = up.parent_id
  )
  insert into agency_closure (ancestor_id, descendant_id, valid_from, valid_to)
  select ancestor_id, descendant_id, valid_from, valid_to from up
   where valid_to is null or valid_from < valid_to
"""
)


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
    return bool(session.scalar(select(found)))


def reach(session: Session, held: Iterable[Held], own: UUID | None, day: date) -> Reach:
    """Everything for whoever holds a role over the whole tree, else the agencies reached."""
    roles = list(held)
    above = {role.agency_id for role in roles if role.with_subtree}
    roots = select(agency_nodes.c.id).where(agency_nodes.c.id.in_(above), agency_nodes.c.parent_id.is_(None))
    if above and session.scalar(select(roots.exists())):
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
    return select_.where(column.in_(to.agency_ids))
