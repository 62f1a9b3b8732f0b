"""In which capacity somebody acts: what the session token says they may, for whom, and whether they sign."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.authority import Basis, ReliesOn
from contracts.directory.access import MeView
from contracts.directory.delegations import DelegationKind
from contracts.directory.roles import HeldRole, Role
from kernel.base.clock import VIETNAM
from kernel.base.errors import Forbidden
from kernel.trust.identity import Actor, Held
from services.directory.agencies.repository import AgencyRepository
from services.directory.roles import queries as role_grants
from services.directory.roles.delegations import DelegationRepository
from services.directory.roles.domain.delegation import Delegation
from services.directory.staff import views as queries
from services.directory.staff.domain.position import Position


def actor_of(
    session: Session, position: Position, day: date, *, bound: bool, acting_for: UUID | None = None
) -> Actor:
    """The holder of the position, acting for themselves or for another.

    `bound` to change the password first, they hold no role until then.
    """
    oneself = Actor(
        kind="person",
        person_id=position.person_id,
        position_id=position.id,
        agency_id=position.agency_id,
        relies_on=(ReliesOn(Basis.POSITION, position.id, position.version),),
    )
    if bound:
        return oneself
    if acting_for is None:
        granted = role_grants.in_force(session, position.person_id, day)
        also = tuple(ReliesOn(Basis.GRANT, each.id, each.version) for each in granted)
        held = [*position.roles_on(day), *(each.as_held() for each in granted)]
        return replace(oneself, roles=_as_held(held), relies_on=oneself.relies_on + also)
    lent = lent_to(session, position, day, acting_for)
    return replace(
        oneself,
        # One acts where the post is: what its holder sees of the agency, they see.
        agency_id=lent.agency_id,
        roles=_as_held(_lent_roles(session, lent, day)),
        on_behalf_of=lent.given_by,
        may_sign=lent.signing_authority,
        relies_on=(*oneself.relies_on, *_of_lent(session, lent)),
    )


def _of_lent(session: Session, lent: Delegation) -> Iterator[ReliesOn]:
    """The delegation, and the post that it lends: what that one loses, nobody has of it any more."""
    yield ReliesOn(Basis.DELEGATION, lent.id, lent.version)
    if (post := session.get(Position, lent.from_position_id)) is not None:
        yield ReliesOn(Basis.POSITION, post.id, post.version)


def lent_to(session: Session, position: Position, day: date, delegation_id: UUID) -> Delegation:
    """The delegation, if it lets the holder of the position act today."""
    lent = DelegationRepository(session).find(delegation_id)
    if lent is None or lent.to_position_id != position.id or not lent.is_in_force(day):
        raise Forbidden("delegation_not_current", "actingFor")
    if not _lent_roles(session, lent, day):
        raise Forbidden("delegation_not_current", "actingFor")
    return lent


def show(session: Session, me: MeView, actor: Actor) -> MeView:
    """What the page of the caller says of the capacity they act in."""
    me.roles = [
        HeldRole(role=Role(held.role), agency_id=held.agency_id, with_subtree=held.with_subtree)
        for held in actor.roles
    ]
    me.may_sign = actor.may_sign
    me.on_behalf_of = queries.name_of(session, actor.on_behalf_of) if actor.on_behalf_of else None
    return me


def _lent_roles(session: Session, lent: Delegation, day: date) -> list[HeldRole]:
    """What the giver of an authorisation still holds; a vacant post was judged when it was lent."""
    if lent.kind is DelegationKind.ACTING:
        return lent.roles
    post, agencies = session.get(Position, lent.from_position_id), AgencyRepository(session)
    held = post.roles_on(day) if post else []
    return lent.of_what_is_held(held, lambda above, below: agencies.is_below(above, below, day))


def _as_held(roles: list[HeldRole]) -> tuple[Held, ...]:
    """Each once, the wider reach where a role came from both sides."""
    widest: dict[tuple[str, UUID], bool] = {}
    for role in roles:
        key = (role.role.value, role.agency_id)
        widest[key] = widest.get(key, False) or role.with_subtree
    return tuple(Held(role=role, agency_id=at, with_subtree=below) for (role, at), below in widest.items())


def of_this_day(now: datetime) -> timedelta:
    """How much is left of the business day: rights end with their last day, and no token outlives it."""
    here = now.astimezone(VIETNAM)
    tomorrow = datetime.combine(here.date() + timedelta(days=1), time(), VIETNAM)
    # A token counts whole seconds; one that is born dead would only be asked for again and again.
    return max(tomorrow - here, timedelta(seconds=1))
