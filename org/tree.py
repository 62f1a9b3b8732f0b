"""The dated tree of agencies, as every service keeps it from what the directory publishes."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    delete,
    text,
)
from sqlalchemy.orm import Session

from contracts.directory.agencies import AgencyPlace
from contracts.directory.events import AgencyChanged
from kernel.base import wire
from kernel.data.prepared import WRITES, names_of, rows_of
from kernel.work.call import Reaction
from kernel.work.operations import on
from org.tables import agency_nodes, agency_places

TREE = ("agency_nodes", "agency_places", "agency_closure")
"""The tables that `project_agency` keeps."""


def project_agency(session: Session, event: AgencyChanged, version: int) -> None:
    """Project one agency with all its states; repeated and out-of-order facts leave the same tree."""
    project_agencies(session, [(event, version)])


def project_agencies(session: Session, changes: Iterable[tuple[AgencyChanged, int]]) -> None:
    """Project agencies, each with all its states: as many statements for a whole province as for one."""
    # Two facts projected side by side would each miss the other's edge of the tree.
    session.execute(text("select pg_advisory_xact_lock(hashtext('agency_closure'))"))
    latest = {
        event.agency_id: (event, version) for event, version in sorted(changes, key=lambda each: each[1])
    }
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
    """Every state; an event of old holds only the latest."""
    return event.periods or (AgencyPlace(**{f.name: getattr(event, f.name) for f in fields(AgencyPlace)}),)


_WRITTEN = ", ".join(f"{column.name} = excluded.{column.name}" for column in agency_nodes.columns)
# Facts arrive more than once and in any order: only what is newer than what is known becomes the state.
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
# A chain of parents holds where all its links do; a link that is not there on the same days ends it. Two
# facts may belong together, and the first alone may close a ring: `path` keeps the walk out of it.
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


@on(AgencyChanged)
def learn_agency(call: Reaction, event: AgencyChanged) -> None:
    """Keep the agency as its latest version says."""
    project_agency(call.session, event, call.envelope.version)
