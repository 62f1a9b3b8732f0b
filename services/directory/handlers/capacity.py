"""In which capacity somebody acts: what the session grant says they may, and for whom."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.directory import HeldRole
from kernel.trust.identity import Actor, Held
from services.directory import grants
from services.directory.domain.position import Position


def actor_of(session: Session, position: Position, day: date, *, bound: bool) -> Actor:
    """Whoever holds the position; `bound` to change the password first, they hold no role until then."""
    roles = [] if bound else own_roles(session, position, day)
    return Actor(
        kind="person",
        person_id=position.person_id,
        position_id=position.id,
        agency_id=position.agency_id,
        roles=_as_held(roles),
    )


def own_roles(session: Session, position: Position, day: date) -> list[HeldRole]:
    """What the position brings, and what its holder was granted in person."""
    return [*position.roles_on(day), *grants.in_force(session, position.person_id, day)]


def _as_held(roles: list[HeldRole]) -> tuple[Held, ...]:
    """Each once, the wider reach where a role came from both sides."""
    widest: dict[tuple[str, UUID], bool] = {}
    for role in roles:
        key = (role.role.value, role.agency_id)
        widest[key] = widest.get(key, False) or role.with_subtree
    return tuple(Held(role=role, agency_id=at, with_subtree=below) for (role, at), below in widest.items())
