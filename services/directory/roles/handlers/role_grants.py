"""Granting roles to people in person, ending that, and what becomes of it when agencies end."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from contracts.directory import grants as c
from contracts.directory.roles import HeldRole
from kernel.base.errors import Conflict, Invalid, NotFound
from kernel.base.ids import new_id
from kernel.work.call import Call
from kernel.work.operations import command
from services.directory.agencies.repository import AgencyRepository
from services.directory.roles import queries as grants
from services.directory.roles.domain.role_grant import MOST, PersonalGrant, meeting, most_at_once, uncovered
from services.directory.roles.queries import RoleGrantRepository
from services.directory.roles.reaching import check_may_hand_out, check_reach
from services.directory.staff.repository import PersonRepository


@command(c.GrantRole)
def grant_role(call: Call, command: c.GrantRole) -> c.RoleGrantView:
    """Grant a role that the caller's own reach covers, to a person who does not have it in person yet."""
    call.require(agency_id=command.agency_id)
    # An agency that ends meanwhile would leave a grant for nowhere.
    AgencyRepository(call.session).hold_tree()
    PersonRepository(call.session).get(command.person_id, lock=True)
    role = HeldRole(role=command.role, agency_id=command.agency_id, with_subtree=command.with_subtree)
    _check_agency_lasts(call, command)
    check_may_hand_out(call, [role], command.valid_from, "role", to=command.person_id, until=command.valid_to)
    given = PersonalGrant.give(
        id=new_id(),
        person_id=command.person_id,
        role=role,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        basis=command.basis,
    )
    repository = RoleGrantRepository(call.session)
    held = repository.of_person(command.person_id, min(command.valid_from, call.today()))
    here = [each for each in held if each.agency_id == command.agency_id]
    if len(here) >= MOST or most_at_once(meeting(held, given), given.valid_from) >= MOST:
        raise Conflict("grants_too_many", "personId", most=MOST)
    for other in held:
        if other.overlaps(given):
            raise Conflict("grant_held_already", "validFrom", begin=_read(other.valid_from))
    repository.add(given)
    return _view(call, given)


@command(c.RevokeGrant)
def revoke_grant(call: Call, command: c.RevokeGrant) -> c.RoleGrantView:
    """End a grant; only who could have given it may take it away."""
    grant = RoleGrantRepository(call.session).get(command.grant_id)
    if not call.may_reach(grant.agency_id, call.policy.sights["grants_of_others"]):
        raise NotFound("grant_not_found", "grantId")
    call.require(agency_id=grant.agency_id)
    if grant.version != command.expected_version:
        raise Conflict("changed_meanwhile", "expectedVersion")
    check_reach(call, [grant.as_held()], "grantId", whose=grant.person_id)
    grant.end(command.valid_to)
    call.because(command.reason)
    return _view(call, grant)


def pass_on(
    call: Call, granted: Sequence[PersonalGrant], heirs: Mapping[UUID, UUID | None], day: date
) -> None:
    """Grants for agencies that ended are held for their heirs from `day` on, or end."""
    repository = RoleGrantRepository(call.session)
    for grant in granted:
        ends, basis = grant.valid_to, grant.basis
        repository.account_for(grant).end(day)
        if (heir := heirs[grant.agency_id]) is None:
            continue
        role = HeldRole(role=grant.role, agency_id=heir, with_subtree=grant.with_subtree)
        there = [
            other
            for other in repository.of_person(grant.person_id, day)
            if other.as_held() == role and other.id != grant.id
        ]
        for begins, until in list(uncovered((max(day, grant.valid_from), ends), there)):
            going_on = PersonalGrant.give(
                id=new_id(),
                person_id=grant.person_id,
                role=role,
                valid_from=begins,
                valid_to=until,
                basis=basis,
            )
            repository.add(going_on)


def _check_agency_lasts(call: Call, command: c.GrantRole) -> None:
    agency = AgencyRepository(call.session).get(command.agency_id)
    end = agency.ends_on
    if agency.on(command.valid_from) is None:
        raise Invalid("agency_not_there_then", "validFrom", day=_read(command.valid_from))
    if end is not None and (command.valid_to is None or command.valid_to > end):
        raise Invalid("agency_ends_before", "validTo", name=agency.last.name, day=_read(end))


def _view(call: Call, grant: PersonalGrant) -> c.RoleGrantView:
    call.session.flush()
    return grants.view(grant)


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
