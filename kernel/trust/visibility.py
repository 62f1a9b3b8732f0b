"""Which agencies an actor reaches: a projection of the dated tree that every service keeps.

Rows of lists hold a stable `agency_id`; the closure answers which agencies stand below which on a date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
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
    delete,
    exists,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from contracts.directory.agencies import AgencyPlace
from contracts.directory.events import AgenciesReorganised, AgencyChanged
from kernel import wire
from kernel.data.periods import lasts
from kernel.data.prepared import WRITES, names_of, rows_of
from kernel.data.tables import (
    agency_closure,
    agency_heirs,
    agency_nodes,
    agency_places,
    agency_successions,
)
from kernel.trust.identity import Held


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The agencies whose things may be seen: all of them, or these."""

    everything: bool
    agency_ids: tuple[UUID, ...] = ()

    def __contains__(self, agency_id: UUID | None) -> bool:
        return self.everything or agency_id in self.agency_ids


TREE = ("agency_nodes", "agency_places", "agency_closure")
"""The tables that `learn_agency` keeps."""
SUCCESSIONS = ("agency_successions", "agency_heirs")
"""The tables that `learn_successions` keeps."""


def learn_agency(session: Session, event: AgencyChanged, version: int) -> None:
    """Project one agency with all its states; repeated and out-of-order facts leave the same tree."""
    learn_agencies(session, [(event, version)])


def learn_agencies(session: Session, told: Iterable[tuple[AgencyChanged, int]]) -> None:
    """Project agencies, each with all its states: as many statements for a whole province as for one."""
    # Two facts projected side by side would each miss the other's edge of the tree.
    session.execute(text("select pg_advisory_xact_lock(hashtext('agency_closure'))"))
    latest = {event.agency_id: (event, version) for event, version in sorted(told, key=lambda each: each[1])}
    nodes = [_node(event, version) for event, version in latest.values()]
    newer = list(session.scalars(_NEWER, {"rows": wire.encode(nodes).decode()}))
    if newer:
        places = [place for agency_id in newer for place in _places(latest[agency_id][0])]
        session.execute(delete(agency_places).where(agency_places.c.agency_id.in_(newer)))
        session.execute(_PLACE, {"rows": wire.encode(places).decode()})
        session.execute(_FORGET, {"roots": newer})
        session.execute(_DERIVE, {"roots": newer})


def _node(event: AgencyChanged, version: int) -> dict[str, Any]:
    states = _states(event)
    return {
        "id": event.agency_id,
        "parent_id": event.parent_id,
        "code": event.code,
        "name": event.name,
        "short_name": event.short_name,
        "kind": event.kind,
        # A node is there from its first day to its last, whatever it was called meanwhile.
        "valid_from": states[0].valid_from,
        "valid_to": states[-1].valid_to,
        "version": version,
    }


def _places(event: AgencyChanged) -> list[dict[str, Any]]:
    return [{"agency_id": event.agency_id, **vars(place)} for place in _states(event)]


def _states(event: AgencyChanged) -> Sequence[AgencyPlace]:
    """Every state; an event of old tells only the latest."""
    return event.periods or (AgencyPlace(**{f.name: getattr(event, f.name) for f in fields(AgencyPlace)}),)


def learn_successions(session: Session, event: AgenciesReorganised) -> None:
    """Who took over from whom, and who goes on with the things; an act is told once and never changes."""
    rows = [
        {
            "predecessor_id": each.predecessor_id,
            "successor_id": each.successor_id,
            "began_on": event.effective_on,
            "kind": each.kind.value,
            "goes_on": each.goes_on,
            "reorganisation_id": event.reorganisation_id,
        }
        for each in event.successions
    ]
    if rows:
        session.execute(insert(agency_successions).on_conflict_do_nothing(), rows)
    heirs = [
        {
            "agency_id": each.agency_id,
            "heir_id": each.heir_id,
            "since": event.effective_on,
            "basis": event.basis.number,
            "reorganisation_id": event.reorganisation_id,
        }
        for each in event.continuations
    ]
    if heirs:
        session.execute(insert(agency_heirs).on_conflict_do_nothing(), heirs)


_WRITTEN = ", ".join(f"{column.name} = excluded.{column.name}" for column in agency_nodes.columns)
# Facts are told more than once and in any order: only what is newer than what is known becomes the state.
_NEWER = text(f"""
  insert into agency_nodes ({names_of(agency_nodes)})
  select {names_of(agency_nodes)} from {rows_of(agency_nodes)}
  on conflict (id) do update set {_WRITTEN} where agency_nodes.version < excluded.version
  returning id
""").execution_options(**{WRITES: True})
_PLACE = text(f"""
  insert into agency_places ({names_of(agency_places)})
  select {names_of(agency_places)} from {rows_of(agency_places)}
""").execution_options(**{WRITES: True})

_BELOW = """
  with recursive below(id) as (
    select unnest(cast(:roots as uuid[]))
    union select p.agency_id from agency_places p join below on p.parent_id = below.id
  )
"""

_FORGET = text(_BELOW + "delete from agency_closure where descendant_id in (select id from below)")

# A chain of parents holds where all its links do; a link that is not there on the same days ends it. Of two
# facts that belong together the first alone may close a ring: `path` keeps the walk out of it.
_DERIVE = text(
    _BELOW.rstrip()
    + """,
  up(descendant_id, ancestor_id, parent_id, days, path) as (
    select p.agency_id, p.agency_id, p.parent_id, daterange(p.valid_from, p.valid_to), array[p.agency_id]
      from agency_places p where p.agency_id in (select id from below)
    union all
    select up.descendant_id, p.agency_id, p.parent_id,
           up.days * daterange(p.valid_from, p.valid_to), up.path || p.agency_id
      from up join agency_places p on p.agency_id = up.parent_id
     where up.days && daterange(p.valid_from, p.valid_to) and p.agency_id <> all(up.path)
  ),
  spans as (
    select ancestor_id, descendant_id, unnest(range_agg(days)) as days
      from up group by ancestor_id, descendant_id
  )
  insert into agency_closure (ancestor_id, descendant_id, valid_from, valid_to)
  select ancestor_id, descendant_id, lower(days), upper(days) from spans
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
    # What is gone stands below nothing today, and whoever has the whole tree still answers for it.
    known = exists().where(agency_nodes.c.id == agency_id)
    return bool(session.scalar(select(or_(found, and_(_is_root(above), known)))))


def _is_root(above: Iterable[UUID]) -> ColumnElement[bool]:
    return exists().where(agency_nodes.c.id.in_(above), agency_nodes.c.parent_id.is_(None))


def reach(session: Session, held: Iterable[Held], own: UUID | None, day: date) -> Reach:
    """Everything for whoever holds a role over the whole tree, else the agencies reached."""
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
    """Whether it is one of them, as one value: written out one by one, a few hundred take longer to be told
    than the answer takes to be found."""
    return column == any_(cast(literal(list(agency_ids), ARRAY(Uuid)), ARRAY(Uuid)))
