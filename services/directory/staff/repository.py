"""Loads people and positions for writing."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from kernel.base.errors import NotFound
from kernel.base.text import fold
from kernel.data.periods import lasts
from kernel.work.unit_of_work import track
from services.directory.staff import tables
from services.directory.staff.domain.person import Person
from services.directory.staff.domain.position import Position


class PersonRepository:
    """People."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, person: Person) -> None:
        self.session.add(person)
        track(self.session, person, is_new=True)

    def get(self, person_id: UUID, *, lock: bool = False) -> Person:
        """The person; locked, so that what is entered for them is entered one after the other."""
        person = self.session.get(Person, person_id, with_for_update=True if lock else None)
        if person is None:
            raise NotFound("person_not_found", "personId")
        track(self.session, person)
        return person

    def kept_by(self, agency_ids: Iterable[UUID]) -> Sequence[Person]:
        """The people whose records the agencies keep, to be changed."""
        kept = tables.people.c
        wanted = select(Person).where(kept.home_agency_id.in_(list(agency_ids))).order_by(kept.id)
        found = self.session.scalars(wanted.with_for_update()).all()
        for person in found:
            track(self.session, person)
        return found


class PositionRepository:
    """Holdings of positions, each with its roles."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, position: Position) -> None:
        self.session.add(position)
        track(self.session, position, is_new=True)

    def get(self, position_id: UUID, field: str = "positionId") -> Position:
        position = self.session.get(Position, position_id)
        if position is None:
            raise NotFound("position_not_found", field)
        track(self.session, position)
        return position

    def lasting_in(self, agency_ids: Iterable[UUID], day: date) -> Sequence[Position]:
        """Holdings in the agencies that last on `day` or begin later; to be read until tracked."""
        held = tables.positions.c
        lasting = or_(held.held_to.is_(None), and_(held.held_to > day, held.held_to > held.held_from))
        wanted = select(Position).where(held.agency_id.in_(list(agency_ids)), lasting)
        return self.session.scalars(wanted.order_by(held.agency_id, held.title_folded, held.id)).all()

    def granted_for(self, agency_ids: Iterable[UUID], day: date) -> Sequence[Position]:
        """Holdings with a role for one of the agencies that lasts on `day` or begins later."""
        role, held = tables.position_roles.c, tables.positions.c
        lasting = or_(role.valid_to.is_(None), and_(role.valid_to > day, role.valid_to > role.valid_from))
        granted = select(role.position_id).where(role.agency_id.in_(list(agency_ids)), lasting)
        return self.session.scalars(select(Position).where(held.id.in_(granted)).order_by(held.id)).all()

    def account_for(self, position: Position) -> Position:
        """To be changed: also a change of its roles alone is a new version of the position."""
        track(self.session, position)
        flag_modified(position, "title")
        return position

    def before(self, position: Position) -> list[UUID]:
        """The holdings that it went on from: the same title, ended the day it began, and so on back."""
        held, found = tables.positions.c, []
        day = position.held_from
        earlier = select(held.id, held.held_from, held.held_to).where(
            held.person_id == position.person_id,
            held.title_folded == fold(position.title),
            held.held_to <= day,
            held.held_to > held.held_from,
        )
        for row in self.session.execute(earlier.order_by(held.held_to.desc(), held.id)):
            if row.held_to == day:
                found.append(row.id)
                day = row.held_from
        return found

    def of_person(self, person_id: UUID, day: date) -> Sequence[Position]:
        """What the person holds on `day` or later; to be read, not changed."""
        held = tables.positions.c
        lasting = or_(held.held_to.is_(None), and_(held.held_to > day, held.held_to > held.held_from))
        return self.session.scalars(select(Position).where(held.person_id == person_id, lasting)).all()

    def held_by(self, person_id: UUID, day: date) -> Sequence[Position]:
        """What the person holds on `day`, longest held first; to be read, not changed."""
        held = tables.positions.c
        statement = (
            select(Position)
            .where(held.person_id == person_id, lasts(held.held_from, held.held_to, day))
            .order_by(held.held_from, held.id)
        )
        return self.session.scalars(statement).all()
