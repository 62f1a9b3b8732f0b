"""Finds the people an audience means, in one query whatever their number."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Table,
    Uuid,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session

from contracts.directory.roles import Role
from kernel.data.periods import lasts
from org.tables import agency_closure
from services.notify.learnt.tables import capacities, capacity_roles, position_roles, positions
from services.notify.notices.domain import Audience


def people_meant(session: Session, audience: Audience, day: date, already: Sequence[UUID]) -> list[UUID]:
    """Everybody meant who holds a position that day or need not, by id; those notified `already` left out."""
    parts = [part for roles, agency in audience.holders for part in _holders(roles, agency, day)]
    if audience.staff_of:
        parts.append(_staff(positions.c.agency_id.in_(audience.staff_of), day))
    if audience.people:
        parts.append(_staff(positions.c.person_id.in_(audience.people), day))
    if audience.also_without_post:
        each = func.unnest(literal(sorted(audience.also_without_post), ARRAY(Uuid)))
        parts.append(select(each.column_valued("person_id")))
    if not parts:
        return []
    meant = union(*parts).subquery()
    left_out = audience.never | set(already)
    # A union of one part keeps its doubles: who holds two of the roles is still one person.
    wanted = select(meant.c.person_id).distinct().where(meant.c.person_id.not_in(left_out))
    return list(session.scalars(wanted.order_by(meant.c.person_id)))


def _staff(which: ColumnElement[bool], day: date) -> Select[tuple[UUID]]:
    return select(positions.c.person_id).where(which, held_on(day))


def _holders(roles: Sequence[Role], agency_id: UUID, day: date) -> list[Select[tuple[UUID]]]:
    """The people whose role is for the agency itself, or for one above it with all below."""
    by_position = select(positions.c.person_id).join(
        position_roles, position_roles.c.position_id == positions.c.id
    )
    capacity = capacities.c
    in_person = (
        select(capacity.person_id)
        .join(capacity_roles, capacity_roles.c.capacity_id == capacity.id)
        .where(lasts(capacity.valid_from, capacity.valid_to, day))
    )
    # A person without a position signs in nowhere, whatever they were granted.
    works = exists().where(positions.c.person_id == capacity.person_id, held_on(day))
    return [
        by_position.where(_reaches(position_roles, roles, agency_id, day), held_on(day)),
        in_person.where(_reaches(capacity_roles, roles, agency_id, day), works),
    ]


def _reaches(table: Table, roles: Sequence[Role], agency_id: UUID, day: date) -> ColumnElement[bool]:
    """Whether the role is one of these and reaches the agency."""
    role, closure = table.c, agency_closure.c
    is_above = exists().where(
        closure.ancestor_id == role.agency_id,
        closure.descendant_id == agency_id,
        lasts(closure.valid_from, closure.valid_to, day),
    )
    reaches = or_(role.agency_id == agency_id, and_(role.with_subtree, is_above))
    return and_(role.role.in_([each.value for each in roles]), reaches)


def held_on(day: date) -> ColumnElement[bool]:
    """Whether a position is held that day."""
    held = positions.c
    return lasts(held.held_from, held.held_to, day)
