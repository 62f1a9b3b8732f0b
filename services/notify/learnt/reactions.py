"""Notify's copy of who there is and who holds what, kept right whatever order the facts come in."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Column, Table, delete, insert
from sqlalchemy.orm import Session

from contracts.directory.events import DelegationChanged, GrantChanged, PersonChanged, PositionChanged
from contracts.directory.roles import HeldRole
from kernel.data.projection import upsert
from kernel.work.call import Reaction
from kernel.work.operations import on
from org.positions import project_position
from services.notify.learnt.tables import capacities, capacity_roles, people, position_roles, positions


@on(PersonChanged)
def learn_person(call: Reaction, event: PersonChanged) -> None:
    """The person's name and address."""
    state = {"full_name": event.full_name, "email": event.email}
    upsert(call.session, people, {"id": event.person_id}, call.envelope.version, state)


@on(PositionChanged)
def learn_position(call: Reaction, event: PositionChanged) -> None:
    """Who holds the position until when, and with which roles; older facts change nothing."""
    version = call.envelope.version
    if not project_position(call.session, positions, event, version, title=event.title):
        return
    _replace_roles(call.session, position_roles, position_roles.c.position_id, event.position_id, event.roles)


@on(GrantChanged)
def learn_grant(call: Reaction, event: GrantChanged) -> None:
    """A role somebody was granted in person, whichever position they hold."""
    state = {"person_id": event.person_id, "valid_from": event.valid_from, "valid_to": event.valid_to}
    if upsert(call.session, capacities, {"id": event.grant_id}, call.envelope.version, state):
        role = HeldRole(role=event.role, agency_id=event.agency_id, with_subtree=event.with_subtree)
        _replace_roles(call.session, capacity_roles, capacity_roles.c.capacity_id, event.grant_id, [role])


@on(DelegationChanged)
def learn_delegation(call: Reaction, event: DelegationChanged) -> None:
    """A person who acts for another is notified of what the other would be."""
    state = {"person_id": event.to_person_id, "valid_from": event.valid_from, "valid_to": event.valid_to}
    if upsert(call.session, capacities, {"id": event.delegation_id}, call.envelope.version, state):
        owner = capacity_roles.c.capacity_id
        _replace_roles(call.session, capacity_roles, owner, event.delegation_id, event.roles)


def _replace_roles(
    session: Session, table: Table, owner: Column[UUID], id: UUID, roles: Iterable[HeldRole]
) -> None:
    session.execute(delete(table).where(owner == id))
    rows = [
        {
            owner.name: id,
            "role": role.role.value,
            "agency_id": role.agency_id,
            "with_subtree": role.with_subtree,
        }
        for role in roles
    ]
    if rows:
        session.execute(insert(table), rows)
