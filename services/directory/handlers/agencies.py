"""Entering agencies into the tree."""

from collections.abc import Iterable

from contracts.directory.agencies import AgencyView, CreateAgency
from contracts.directory.events import AgencyChanged
from kernel.call import Call, Reaction
from kernel.data.ids import NOBODY, new_id
from kernel.errors import Conflict
from kernel.trust import visibility
from services.directory import queries
from services.directory.domain.agency import Agency, AgencyPeriod
from services.directory.domain.reorganising import AMENDABLE, tidy
from services.directory.repository import AgencyRepository
from services.directory.tools import Tools


def create_agency(call: Call, command: CreateAgency) -> AgencyView:
    """Enter an agency below its parent; the tree begins with one that has none."""
    agencies = AgencyRepository(call.session)
    call.require(agency_id=command.parent_id or NOBODY)
    agencies.lock_tree()
    if command.parent_id is None and agencies.has_root():
        raise Conflict("agency_root_exists", "parentId")
    parent = agencies.get(command.parent_id, "parentId") if command.parent_id else None
    tools: Tools = call.tools
    agency = Agency.enter(_first_period(command), parent=parent, kinds=tools.kinds)
    agencies.add(agency)
    call.session.flush()
    project(call, [agency])
    return queries.agency_view(call.session, agency.id, command.valid_from)


def learn_agency(call: Reaction, event: AgencyChanged) -> None:
    """Project an event of one's own log; only building the tree anew has it from there."""
    visibility.learn_agency(call.session, event, call.envelope.version)


def project(call: Call, agencies: Iterable[Agency]) -> None:
    """The directory's own copy of the tree, by the very function that others project its events with."""
    visibility.learn_agencies(call.session, [(each.as_told(), each.version) for each in agencies])


def _first_period(command: CreateAgency) -> AgencyPeriod:
    facts = {name: getattr(command, name) for name in AMENDABLE}
    first = AgencyPeriod(agency_id=new_id(), valid_from=command.valid_from, basis=command.basis, **facts)
    return tidy(first)
