"""Who goes on with the things of agencies that ended: today, on a day, and whose things one goes on with.

Every ended agency has one heir, who may have ended since: the way leads from heir to heir. Each service lets
its things follow by a sweep that asks for what is still with an agency that ended, whatever brought it there:
it needs no place to go on from, and a thing that arrives late follows like the others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, literal, select, text
from sqlalchemy.dialects.postgresql import array, insert
from sqlalchemy.orm import Session

from contracts.directory.events import AgenciesReorganised
from contracts.messages import text as said
from contracts.succession import Attribution
from kernel.base.errors import NotFound
from kernel.trust.reach import Reach
from kernel.work.call import Call, Reaction
from kernel.work.operations import on
from org.tables import agency_heirs, agency_successions

SUCCESSIONS = ("agency_successions", "agency_heirs")
"""The tables that `project_successions` keeps."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """The agency that goes on, from when, and by which decision."""

    heir_id: UUID
    since: date
    basis: str


@dataclass(frozen=True)
class Heirs:
    """Every agency that ended, with its heir."""

    links: Mapping[UUID, Link] = field(default_factory=dict)

    def __contains__(self, agency_id: object) -> bool:
        return agency_id in self.links

    def now(self, agency_id: UUID) -> UUID:
        """Who goes on with it today; itself where it did not end."""
        return self.on(agency_id, date.max)

    def on(self, agency_id: UUID, day: date) -> UUID:
        """Who went on with it on that day."""
        seen: set[UUID] = set()
        while (link := self.links.get(agency_id)) and link.since <= day and agency_id not in seen:
            seen.add(agency_id)
            agency_id = link.heir_id
        return agency_id

    @property
    def final(self) -> dict[UUID, UUID]:
        """Every agency that ended, with the one that goes on today."""
        return {agency_id: self.now(agency_id) for agency_id in self.links}

    def lineage(self, agency_ids: Iterable[UUID]) -> list[UUID]:
        """These agencies and all whose things they go on with today."""
        wanted = dict.fromkeys(agency_ids)
        return [
            *wanted,
            *(each for each, heir in self.final.items() if heir in wanted and each not in wanted),
        ]

    def reached(self, reach: Reach, asked: Iterable[UUID], attribution: Attribution) -> list[UUID]:
        """The agencies asked for whose figures may be seen; one that ended, by its heir."""
        then = attribution is Attribution.AS_THEN
        return [each for each in dict.fromkeys(asked) if each in reach or (then and self.now(each) in reach)]


def heirs(session: Session) -> Heirs:
    """All that is known: some hundred rows in a province that was reorganised from the ground up."""
    columns = agency_heirs.c
    rows = session.execute(select(columns.agency_id, columns.heir_id, columns.since, columns.basis))
    return Heirs({row[0]: Link(heir_id=row[1], since=row[2], basis=row[3]) for row in rows})


def going_on(session: Session, agency_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The agencies among these that ended, with the one that goes on today; by the index alone."""
    return {row.first: row.id for row in session.execute(_GOING_ON, {"ids": list(agency_ids)})}


_GOING_ON = text("""
  with recursive way(first, id) as (
    select id, id from unnest(cast(:ids as uuid[])) id
    union select way.first, h.heir_id from way join agency_heirs h on h.agency_id = way.id
  )
  select first, id from way
   where first <> id and not exists (select from agency_heirs h where h.agency_id = way.id)
""")


def lineage(session: Session, agency_ids: Iterable[UUID]) -> list[UUID]:
    """These agencies and all whose things they go on with, read by the index alone."""
    return list(session.scalars(_LINEAGE, {"ids": list(agency_ids)}))


_LINEAGE = text("""
  with recursive line(id) as (
    select unnest(cast(:ids as uuid[]))
    union select h.agency_id from agency_heirs h join line on h.heir_id = line.id
  )
  select id from line
""")


def still_with(session: Session, *columns: ColumnElement[Any]) -> UUID | None:
    """An agency that ended and that a row still names in one of these columns, which may hold several.

    By one probe of the column's index for each of them: a limit inside keeps the planner from reading the
    whole table where it thinks that cheaper.
    """
    ended = agency_heirs.c.agency_id
    for column in columns:
        is_array = isinstance(column.type, ARRAY)
        named = column.op("@>")(array([ended])) if is_array else column == ended
        probe = select(literal(1)).where(named).correlate(agency_heirs).limit(1).lateral()
        found: UUID | None = session.scalar(select(ended).join(probe, literal(True)).limit(1))
        if found is not None:
            return found
    return None


def due(*probes: str) -> str:
    """A backlog's SQL: with how many ended agencies (`h`) something still is, by probes `table where ...`.

    An act may be dated back, so that no age of them would mean anything.
    """
    each = " union all ".join(f"(select 1 from {probe} limit 1)" for probe in probes)
    first = f"select 1 from ({each}) as found limit 1"
    return f"select count(*), null from agency_heirs h cross join lateral ({first}) as left_over"


def expect_reached(call: Call, agency_ids: Iterable[UUID]) -> None:
    """Refuse a question about an agency the caller does not reach like one about an agency there is not."""
    roles = call.policy.roles_for(call.action, None)
    if not all(call.may_reach(each, roles) for each in agency_ids):
        raise NotFound("agency_not_found", "agencyIds")


def because(call: Call, known: Heirs, agency_id: UUID) -> None:
    """Say in the trail by which decision the things of the agency go."""
    call.because(said("followed_reorganisation", basis=known.links[agency_id].basis).vi)


def project_successions(session: Session, event: AgenciesReorganised) -> None:
    """Who took over from whom, and who goes on with the things; an act is published once and for all."""
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


@on(AgenciesReorganised)
def learn_successions(call: Reaction, event: AgenciesReorganised) -> None:
    """Keep who took over from whom."""
    project_successions(call.session, event)
