"""Entering people, letting them hold positions with roles, and ending that."""

from datetime import date
from uuid import UUID

from contracts.directory import staff as c
from contracts.directory.roles import HeldRole
from contracts.directory.staff import RecordFact
from kernel.base.errors import Conflict, Invalid
from kernel.base.ids import NOBODY, new_id
from kernel.work.call import Call
from kernel.work.operations import command
from services.directory.agencies.repository import AgencyRepository
from services.directory.roles.handlers.delegating import end_acting, end_with
from services.directory.roles.reaching import check_may_hand_out, check_reach
from services.directory.staff import positions as queries
from services.directory.staff import queries as staff
from services.directory.staff.domain.person import Person, record_changed
from services.directory.staff.domain.position import Position
from services.directory.staff.guarding import editor, keeps
from services.directory.staff.handlers import check_staff_number
from services.directory.staff.repository import PersonRepository, PositionRepository


@command(c.RegisterPerson)
def register_person(call: Call, command: c.RegisterPerson) -> c.PersonView:
    """Enter a person; where they work is said by appointing them.

    Who administers a part of the province enters people for that part: one without a home agency would be
    the province's to keep.
    """
    own = call.actor.agency_id or NOBODY
    call.require(agency_id=own)
    home = command.home_agency_id
    if home is not None:
        _check_agency_is_there(call, home, call.today(), "homeAgencyId")
        call.require(agency_id=home)
    elif not call.actor.is_system and not call.reach_permitted().everything:
        home = own
    check_staff_number(call, command.staff_number)
    person = Person.register(
        id=new_id(),
        full_name=command.full_name,
        email=command.email,
        phone=command.phone,
        staff_number=command.staff_number,
        home_agency_id=home,
        home_since=call.today() if home else None,
    )
    PersonRepository(call.session).add(person)
    call.session.flush()
    [view] = staff.views(call, [person])
    return view


@command(c.AppointPosition)
def appoint_position(call: Call, command: c.AppointPosition) -> c.PositionView:
    """Let a person hold a position, with roles that the one who appoints may hand out."""
    call.require(agency_id=command.agency_id)
    # An agency that ends meanwhile would keep somebody whom nobody passed on.
    AgencyRepository(call.session).hold_tree()
    person = PersonRepository(call.session).get(command.person_id, lock=True)
    _check_agency_is_there(call, command.agency_id, command.held_from, "heldFrom", command.held_to)
    roles = [_wanted(role, command.agency_id) for role in command.roles]
    for agency_id in {role.agency_id for role in roles} - {command.agency_id}:
        _check_agency_is_there(call, agency_id, command.held_from, "roles", command.held_to)
    check_may_hand_out(
        call, roles, command.held_from, to=command.person_id, until=command.held_to, end="heldTo"
    )
    _check_consent(call, person, command)
    if not command.title.strip():
        raise Invalid("name_is_blank", "title")
    position = Position.appoint(
        id=new_id(),
        agency_id=command.agency_id,
        person_id=command.person_id,
        title=command.title,
        held_from=command.held_from,
        held_to=command.held_to,
        roles=roles,
    )
    PositionRepository(call.session).add(position)
    if person.home_agency_id != command.agency_id:
        changed = record_changed(person.id, person.email, [RecordFact.POSITION], editor(call))
        position.record(changed)
    end_acting(call, position)
    return _view(call, position)


@command(c.EndPosition)
def end_position(call: Call, command: c.EndPosition) -> c.PositionView:
    """End a holding; only who could have granted its roles may take them away."""
    position = PositionRepository(call.session).get(command.position_id)
    call.require(agency_id=position.agency_id)
    if position.version != command.expected_version:
        raise Conflict("changed_meanwhile")
    roles = position.roles_on(max(call.today(), position.held_from))
    check_reach(call, roles, whose=position.person_id)
    position.end(command.held_to)
    end_with(call, [position.id], command.held_to)
    return _view(call, position)


def _check_consent(call: Call, person: Person, command: c.AppointPosition) -> None:
    """The agency that keeps the person appoints them anywhere; another one only where that agency agreed.

    A position makes somebody staff of the agency: its leader would keep the record, and they could audit it
    no more.
    """
    home = person.home_agency_id
    if home == command.agency_id:
        return
    if not keeps(call, person):
        person.use_release(command.agency_id, command.held_to, call.today(), home=_name(call, home))
    elif home is None:
        person.take_first_home(command.agency_id, command.held_from)


def _name(call: Call, agency_id: UUID | None) -> str | None:
    return AgencyRepository(call.session).get(agency_id).last.name if agency_id else None


def _wanted(role: c.RoleToGrant, own: UUID) -> HeldRole:
    return HeldRole(role=role.role, agency_id=role.agency_id or own, with_subtree=role.with_subtree)


def _check_agency_is_there(
    call: Call, agency_id: UUID, day: date, field: str, until: date | None = None
) -> None:
    agency = AgencyRepository(call.session).get(agency_id, field)
    if agency.on(day) is None:
        raise Invalid("agency_not_there_then", field, day=day.strftime("%d/%m/%Y"))
    end = agency.ends_on
    if end is not None and (until is None or until > end):
        raise Invalid("agency_ends_before", field, name=agency.last.name, day=end.strftime("%d/%m/%Y"))


def _view(call: Call, position: Position) -> c.PositionView:
    call.session.flush()
    [view] = queries.positions_by_ids(call, c.PositionsByIds(ids=[position.id]))
    return view
