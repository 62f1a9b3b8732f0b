"""Loads aggregates for writing, visible ones only, and numbers the register."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects.postgresql import insert

from kernel.base.aggregate import Aggregate
from kernel.base.errors import NotFound
from kernel.data.periods import lasts
from kernel.data.prepared import prepared
from kernel.work.call import Call
from kernel.work.unit_of_work import track
from org import succession
from services.audits.learnt import tables as learnt_tables
from services.audits.register import tables

A = TypeVar("A", bound=Aggregate)
_NEW = insert(tables.numbering)
_COUNTED = _NEW.on_conflict_do_update(
    index_elements=["agency_id", "year"], set_={"last": tables.numbering.c.last + _NEW.excluded.last}
)
_NEXT_SERIAL = prepared(_COUNTED.returning(tables.numbering.c.last), ("agency_id", "year", "last"))


class Register:
    """The aggregates of this service, each as a whole."""

    def __init__(self, call: Call) -> None:
        self.call, self.session = call, call.session

    def add(self, aggregate: Aggregate) -> None:
        self.session.add(aggregate)
        track(self.session, aggregate, is_new=True)

    def get(self, kind: type[A], id: UUID, code: str, field: str) -> A:
        """One aggregate; one that the caller does not reach is not found, like one that is not there."""
        found = self.session.get(kind, id)
        if found is None or not self._is_visible(found):
            raise NotFound(code, field)
        track(self.session, found)
        return found

    def all_of(self, wanted: Select[tuple[A]]) -> list[A]:
        """Aggregates that the platform itself changes, by id and without a reach; locked."""
        found = list(self.session.scalars(wanted.with_for_update()))
        for each in found:
            track(self.session, each)
        return found

    def of_agency(self, kind: type[A], which: ColumnElement[bool], limit: int) -> Sequence[A]:
        """The next aggregates of which that is true, locked; those another process has are left out."""
        mine = select(kind).where(which).limit(limit).with_for_update(skip_locked=True)
        found = self.session.scalars(mine).all()
        for each in found:
            track(self.session, each)
        return found

    def next_serial(self, agency_id: UUID, year: int) -> int:
        """The next number of the agency's register: its row is locked until the transaction ends."""
        new = {"agency_id": agency_id, "year": year, "last": 1}
        return int(self.session.execute(_NEXT_SERIAL, new).scalar_one())

    def staff_of(self, agency_id: UUID, first: date, last: date) -> set[UUID]:
        """Everybody who holds a position between two dates in the agency, or in one it took over from."""
        held = learnt_tables.positions.c
        during = lasts(held.held_from, held.held_to, first, until=last)
        there = held.agency_id.in_(succession.lineage(self.session, [agency_id]))
        return set(self.session.scalars(select(held.person_id).where(there, during)))

    def auditors(self, people: set[UUID], roles: Iterable[str], day: date) -> set[UUID]:
        """The people among these who hold one of the roles on that day, by a position or in person."""
        held, granted = learnt_tables.positions.c, learnt_tables.capacities.c
        wanted = (
            select(held.person_id).where(
                held.person_id.in_(people),
                held.roles.overlap(list(roles)),
                lasts(held.held_from, held.held_to, day),
            ),
            select(granted.person_id).where(
                granted.person_id.in_(people),
                granted.roles.overlap(list(roles)),
                lasts(granted.valid_from, granted.valid_to, day),
            ),
        )
        return {person for each in wanted for person in self.session.scalars(each)}

    def _is_visible(self, found: Aggregate) -> bool:
        return found.trail_agency in self.call.reach()
