"""A person and a position as they are shown: the one place where a person is shown at all."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.directory import staff as c
from contracts.directory.roles import HeldRole
from services.directory.policy import PERSONAL, Tie
from services.directory.staff.tables import people, position_roles


def oneself(session: Session, person_id: UUID) -> c.PersonView:
    """The caller, who sees their own contacts."""
    return person_view(_person(session, person_id), {Tie.ANYBODY, Tie.COLLEAGUE})


def name_of(session: Session, person_id: UUID) -> c.PersonView:
    """Somebody as anybody sees them; the caller knows that they are there."""
    return person_view(_person(session, person_id), {Tie.ANYBODY})


def _person(session: Session, person_id: UUID) -> Any:
    return session.execute(select(people).where(people.c.id == person_id)).one()


def position_views(session: Session, rows: Sequence[Any]) -> list[c.PositionView]:
    """Rows of positions with the roles that last as long as they, in one more query for any number."""
    roles: dict[UUID, list[HeldRole]] = {row.id: [] for row in rows}
    if rows:
        granted = select(position_roles).where(position_roles.c.position_id.in_(roles))
        held_to = {row.id: row.held_to for row in rows}
        in_order = granted.order_by(position_roles.c.role, position_roles.c.agency_id)
        for role in session.execute(in_order):
            if role.valid_to != held_to[role.position_id]:
                continue
            roles[role.position_id].append(
                HeldRole(role=role.role, agency_id=role.agency_id, with_subtree=role.with_subtree)
            )
    return [_position(row, roles[row.id]) for row in rows]


def person_view(row: Any, ties: Collection[Tie], identity_masked: str | None = None) -> c.PersonView:
    """A person from their row or the aggregate, as far as these ties let it be seen."""
    shown: dict[str, Any] = {
        name: getattr(row, name)
        for name, tie in PERSONAL.items()
        if tie in ties and name != "identity_masked"
    }
    if PERSONAL["identity_masked"] in ties:
        shown["identity_masked"] = identity_masked
    return c.PersonView(**{"email": None} | shown)


def _position(row: Any, roles: list[HeldRole]) -> c.PositionView:
    return c.PositionView(
        id=row.id,
        agency_id=row.agency_id,
        person_id=row.person_id,
        title=row.title,
        held_from=row.held_from,
        held_to=row.held_to,
        roles=roles,
        version=row.version,
    )
