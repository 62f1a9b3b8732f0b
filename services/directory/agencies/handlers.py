"""Entering agencies into the tree."""

from collections.abc import Iterable

from contracts.directory.agencies import AgencyView, CreateAgency
from kernel.base.errors import Conflict
from kernel.base.ids import NOBODY, new_id
from kernel.work.call import Call
from kernel.work.operations import command
from org import tree
from services.directory.agencies import queries
from services.directory.agencies.domain.agency import Agency, AgencyPeriod
from services.directory.agencies.domain.tidy import AMENDABLE, tidy
from services.directory.agencies.repository import AgencyRepository
from services.directory.resources import Resources


@command(CreateAgency)
def create_agency(call: Call, command: CreateAgency) -> AgencyView:
    """Enter an agency below its parent; the tree begins with one that has none."""
    agencies = AgencyRepository(call.session)
    call.require(agency_id=command.parent_id or NOBODY)
    agencies.lock_tree()
    if command.parent_id is None and agencies.has_root():
        raise Conflict("agency_root_exists", "parentId")
    parent = agencies.get(command.parent_id, "parentId") if command.parent_id else None
    resources: Resources = call.resources
    agency = Agency.enter(_first_period(command), parent=parent, kinds=resources.kinds)
    agencies.add(agency)
    call.session.flush()
    project(call, [agency])
    return queries.agency_view(call.session, agency.id, command.valid_from)


def project(call: Call, agencies: Iterable[Agency]) -> None:
    """The directory's own copy of the tree, by the very function that others project its events with."""
    tree.project_agencies(call.session, [(each.as_event(), each.version) for each in agencies])


def _first_period(command: CreateAgency) -> AgencyPeriod:
    facts = {name: getattr(command, name) for name in AMENDABLE}
    first = AgencyPeriod(agency_id=new_id(), valid_from=command.valid_from, basis=command.basis, **facts)
    return tidy(first)
