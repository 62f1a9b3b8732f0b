"""Notify's copy of who there is and who holds what, kept right whatever order the facts come in."""

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from contracts.directory import PersonChanged, PositionChanged
from kernel.data.projection import upsert
from services.notify.tables import people, position_roles, positions


def learn_person(session: Session, event: PersonChanged, version: int) -> None:
    """The person's name and address."""
    state = {"full_name": event.full_name, "email": event.email}
    upsert(session, people, {"id": event.person_id}, version, state)


def learn_position(session: Session, event: PositionChanged, version: int) -> None:
    """Who holds the position until when, and with which roles; older facts change nothing."""
    state = {
        "agency_id": event.agency_id,
        "person_id": event.person_id,
        "title": event.title,
        "held_from": event.held_from,
        "held_to": event.held_to,
    }
    if not upsert(session, positions, {"id": event.position_id}, version, state):
        return
    session.execute(delete(position_roles).where(position_roles.c.position_id == event.position_id))
    rows = [
        {
            "position_id": event.position_id,
            "role": role.role.value,
            "agency_id": role.agency_id,
            "with_subtree": role.with_subtree,
        }
        for role in event.roles
    ]
    if rows:
        session.execute(insert(position_roles), rows)
