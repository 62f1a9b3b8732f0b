"""Quality management systems: begun, amended, given a committee, applied, declared, ended."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from contracts.directory import quality_systems as c
from kernel.base.errors import Conflict, Forbidden, Invalid
from kernel.base.ids import new_id
from kernel.work.call import Call
from kernel.work.operations import command
from services.directory.agencies.repository import AgencyRepository
from services.directory.quality_systems import queries as systems
from services.directory.quality_systems.domain import Amendment, QualitySystem
from services.directory.quality_systems.queries import SystemRepository
from services.directory.staff.repository import PositionRepository


@command(c.CreateSystem)
def create_system(call: Call, command: c.CreateSystem) -> c.SystemView:
    """Begin to build one, for agencies that are there that day."""
    call.require(agency_id=command.agency_id)
    AgencyRepository(call.session).hold_tree()
    _check_agencies(call, {command.agency_id, *command.covers}, command.valid_from)
    if SystemRepository(call.session).is_code_used(command.agency_id, command.code):
        raise Conflict("system_code_taken", "code")
    _check_standards(call, command.standards, command.valid_from)
    system = QualitySystem.begin(
        id=new_id(),
        agency_id=command.agency_id,
        code=command.code,
        name=" ".join(command.name.split()),
        scope=command.scope,
        standards=command.standards,
        agencies=command.covers,
        day=command.valid_from,
    )
    SystemRepository(call.session).add(system)
    return _shown(call, system)


@command(c.AmendSystem)
def amend_system(call: Call, command: c.AmendSystem) -> c.SystemView:
    """Change it from a day on."""
    system = _loaded(call, command.system_id, command.expected_version)
    if command.covers is not None:
        AgencyRepository(call.session).hold_tree()
        _check_agencies(call, set(command.covers), command.from_day)
    if command.standards is not None:
        _check_standards(call, command.standards, command.from_day)
    wanted = Amendment(
        name=command.name, scope=command.scope, standards=command.standards, agencies=command.covers
    )
    system.amend(wanted, command.from_day, call.today())
    call.because(command.reason)
    return _shown(call, system)


@command(c.AppointCommittee)
def appoint_committee(call: Call, command: c.AppointCommittee) -> c.SystemView:
    """By a decision; everybody in it holds their position when it begins."""
    system = _loaded(call, command.system_id, command.expected_version)
    positions = PositionRepository(call.session)
    theirs = {system.agency_id, *system.covered_on(command.since)}
    for n, seat in enumerate(command.seats):
        position = positions.get(seat.position_id, f"seats.{n}.positionId")
        if not position.is_held(command.since):
            raise Invalid("seat_not_held_then", f"seats.{n}.positionId", day=_read(command.since))
        if position.agency_id not in theirs:
            raise Invalid("seat_of_another_agency", f"seats.{n}.positionId")
    system.appoint(command.seats, command.decision, command.since)
    return _shown(call, system)


@command(c.ApplySystem)
def apply_system(call: Call, command: c.ApplySystem) -> c.SystemView:
    system = _loaded(call, command.system_id, command.expected_version)
    system.apply()
    return _shown(call, system)


@command(c.DeclareSystem)
def declare_system(call: Call, command: c.DeclareSystem) -> c.SystemView:
    system = _loaded(call, command.system_id, command.expected_version)
    system.declare(command.decision, command.declared_on, call.today())
    return _shown(call, system)


@command(c.EndSystem)
def end_system(call: Call, command: c.EndSystem) -> c.SystemView:
    system = _loaded(call, command.system_id, command.expected_version)
    system.close(command.ended_on, call.today())
    call.because(command.reason)
    return _shown(call, system)


def _loaded(call: Call, id: UUID, version: int) -> QualitySystem:
    system = SystemRepository(call.session).get(id)
    call.require(agency_id=system.agency_id)
    if system.version != version:
        raise Conflict("changed_meanwhile", "expectedVersion")
    return system


def _check_agencies(call: Call, wanted: Iterable[UUID], day: date) -> None:
    agencies = AgencyRepository(call.session)
    roles = call.policy.roles_for(call.action, None)
    for agency_id in sorted(wanted):
        if agencies.get(agency_id, "covers").on(day) is None:
            raise Invalid("agency_not_there_then", "covers", day=_read(day))
        if not call.actor.is_system and not call.may_reach(agency_id, roles):
            raise Forbidden("system_covers_beyond_reach", "covers")


def _check_standards(call: Call, wanted: Sequence[str], day: date) -> None:
    known = systems.standards_on(call, day)
    if strange := [each for each in wanted if each not in known]:
        raise Invalid("standard_unknown", "standards", code=strange[0], known=", ".join(sorted(known)))


def _shown(call: Call, system: QualitySystem) -> c.SystemView:
    call.session.flush()
    return systems.view(system)


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
