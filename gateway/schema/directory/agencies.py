"""Who, in GraphQL: agencies, people, positions, signing in."""

from dataclasses import fields
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

import strawberry

from contracts.directory import access, accounts, agencies
from contracts.directory import roles as roles_contract
from contracts.directory import staff as contract
from contracts.directory.reorganisations import (
    AgencyHistories,
    AgencyPeriodView,
    PredecessorsByIds,
    SuccessionKind,
    SuccessionView,
    SuccessorsByIds,
)
from contracts.directory.roles import Role
from contracts.directory.staff import ReleaseView
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown

enums(Role, contract.StandardDuty, SuccessionKind)

AsOf = Annotated[
    date | None,
    strawberry.argument(description="The date to judge by; the business date when left out."),
]


# -- what is shown -----------------------------------------------------------------------------


@shown
class Agency(agencies.AgencyView):
    """`contracts.directory.agencies.AgencyView` with its place in the tree."""

    parent_id: strawberry.Private[UUID | None]

    @field("The agency above this one.")
    async def parent(self, info: Info, as_of: AsOf = None) -> "Agency | None":
        return await agency_of(info, self.parent_id, as_of)

    @field("Positions of this agency held on a date. One call per agency.")
    async def positions(
        self, info: Info, first: First = 50, after: After = None, as_of: AsOf = None
    ) -> "Connection[Position] | None":
        return await positions_of(info, self.id, first, after, as_of)

    @field("Every state it was ever in, oldest first.")
    async def history(self, info: Info) -> list["AgencyPeriod"] | None:
        periods = await info.context.loaders.group(AgencyHistories, self.id, by="agency_id")
        return [present(AgencyPeriod, period) for period in periods]

    @field("From whom it took over, oldest first.")
    async def predecessors(self, info: Info) -> list["Succession"] | None:
        links = await info.context.loaders.group(PredecessorsByIds, self.id, by="successor_id")
        return [present(Succession, link) for link in links]

    @field("Who took over from it, or a part of it, oldest first.")
    async def successors(self, info: Info) -> list["Succession"] | None:
        links = await info.context.loaders.group(SuccessorsByIds, self.id, by="predecessor_id")
        return [present(Succession, link) for link in links]


@shown
class AgencyPeriod(AgencyPeriodView):
    """`contracts.directory.reorganisations.AgencyPeriodView` with its place in the tree then."""

    agency_id: strawberry.Private[UUID]
    parent_id: strawberry.Private[UUID | None]
    version: strawberry.Private[int] = 1

    @field("The agency above it, as that was on the first day of this state.")
    async def parent(self, info: Info) -> Agency | None:
        return await agency_then(info, self.parent_id, self.valid_from)


@shown
class Succession(SuccessionView):
    """`contracts.directory.reorganisations.SuccessionView` with both agencies."""

    predecessor_id: strawberry.Private[UUID]
    successor_id: strawberry.Private[UUID]

    @field("Who gave, as it was on the eve.")
    async def predecessor(self, info: Info) -> Agency | None:
        return await agency_then(info, self.predecessor_id, self.began_on - timedelta(days=1))

    @field("Who took over, as it was on that day.")
    async def successor(self, info: Info) -> Agency | None:
        return await agency_then(info, self.successor_id, self.began_on)


@shown
class Release(ReleaseView):
    """`contracts.directory.staff.ReleaseView` with the agency."""

    agency_id: strawberry.Private[UUID]

    @field("The agency that may appoint the person.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)


@shown
class Person(contract.PersonView):
    """`contracts.directory.staff.PersonView` with the home agency."""

    home_agency_id: strawberry.Private[UUID | None]
    release: Release | None

    @field(
        "The home agency (cơ quan quản lý), which keeps the person's record; null where the province does."
    )
    async def home_agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.home_agency_id)


@shown
class HeldRole(roles_contract.HeldRole):
    """`contracts.directory.roles.HeldRole` with its agency."""

    agency_id: strawberry.Private[UUID]

    @field("The agency the role is held for.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)


@shown
class Position(contract.PositionView):
    """`contracts.directory.staff.PositionView` with its agency and holder."""

    agency_id: strawberry.Private[UUID]
    person_id: strawberry.Private[UUID]
    roles: list[HeldRole]  # type: ignore[assignment]

    @field("The agency the position belongs to.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)

    @field("Who holds the position.")
    async def person(self, info: Info) -> Person | None:
        return await person_of(info, self.person_id)


@shown
class Me(access.MeView):
    """`contracts.directory.access.MeView`."""

    person: Person
    position: Position
    agency: Agency
    roles: list[HeldRole]  # type: ignore[assignment]
    on_behalf_of: Person | None


@shown
class Session(access.SessionView):
    """`contracts.directory.access.SessionView`."""

    me: Me


@shown
class Account(accounts.AccountView):
    """`contracts.directory.accounts.AccountView`."""

    person_id: strawberry.Private[UUID]

    @field("Whose account it is.")
    async def person(self, info: Info) -> Person | None:
        return await person_of(info, self.person_id)


@shown
class Clock(access.ClockView):
    """`contracts.directory.access.ClockView`."""


# -- how it is loaded --------------------------------------------------------------------------


async def agency_of(info: Info, id: UUID | None, as_of: date | None = None) -> Agency | None:
    """An agency by its id, in one call with all others of the request."""
    view = await info.context.loaders.one(agencies.AgenciesByIds, id, as_of=as_of)
    return view and present(Agency, view)


async def agency_then(info: Info, id: UUID | None, day: date) -> Agency | None:
    """An agency as it was on a day of its own: found among its states, so that many days cost one call."""
    if id is None:
        return None
    states = await info.context.loaders.group(AgencyHistories, id, by="agency_id")
    for state in states:
        if state.valid_from <= day and (state.valid_to is None or day < state.valid_to):
            shown = {
                each.name: getattr(state, each.name)
                for each in fields(agencies.AgencyView)
                if each.name != "id"
            }
            return present(Agency, agencies.AgencyView(id=state.agency_id, **shown))
    return None


async def agencies_of(info: Info, ids: list[UUID]) -> list[Agency]:
    """Several agencies in the order of their ids."""
    views = await info.context.loaders.some(agencies.AgenciesByIds, ids, as_of=None)
    return [present(Agency, view) for view in views]


async def person_of(info: Info, id: UUID | None) -> Person | None:
    """A person by their id, in one call with all others of the request."""
    view = await info.context.loaders.one(contract.PeopleByIds, id)
    return view and present(Person, view)


async def people_of(info: Info, ids: list[UUID]) -> list[Person]:
    """Several people in their order, in one call with all others of the request."""
    views = await info.context.loaders.some(contract.PeopleByIds, ids)
    return [present(Person, view) for view in views]


async def position_of(info: Info, id: UUID | None) -> Position | None:
    """A position by its id, in one call with all others of the request."""
    view = await info.context.loaders.one(contract.PositionsByIds, id)
    return view and present(Position, view)


async def positions_of(
    info: Info, agency_id: UUID, first: int, after: str | None, as_of: date | None
) -> Connection[Position]:
    """A page of an agency's positions."""
    question = contract.ListPositions(first=first, after=after, agency_id=agency_id, as_of=as_of)
    page = await info.context.ask(question)
    return connect(Connection[Position], Position, page, after)


# -- questions ---------------------------------------------------------------------------------


@strawberry.type
class DirectoryQueries:
    """What can be asked of the directory."""

    @field("Who the caller is; null when nobody has signed in.")
    async def me(self, info: Info) -> Me | None:
        if info.context.token is None:
            return None
        return present(Me, await info.context.ask(access.Me()))

    @field(said_of(access.Clock))
    async def clock(self, info: Info) -> Clock | None:
        return present(Clock, await info.context.ask(access.Clock()))

    @field("One agency as it was on a date.")
    async def agency(self, info: Info, id: UUID, as_of: AsOf = None) -> Agency | None:
        return await agency_of(info, id, as_of)

    @field(said_of(agencies.ListAgencies))
    async def agencies(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        search: str | None = None,
        kind: str | None = None,
        parent_id: UUID | None = None,
        as_of: AsOf = None,
        ended: bool = False,
    ) -> Connection[Agency] | None:
        question = agencies.ListAgencies(
            first=first,
            after=after,
            search=search,
            kind=kind,
            parent_id=parent_id,
            as_of=as_of,
            ended=ended,
        )
        page = await info.context.ask(question)
        return connect(Connection[Agency], Agency, page, after)

    @field("One member of staff.")
    async def person(self, info: Info, id: UUID) -> Person | None:
        return await person_of(info, id)

    @field("One position.")
    async def position(self, info: Info, id: UUID) -> Position | None:
        return await position_of(info, id)

    @field(said_of(contract.ListPositions))
    async def positions(
        self,
        info: Info,
        agency_id: UUID,
        first: First = 50,
        after: After = None,
        as_of: AsOf = None,
    ) -> Connection[Position] | None:
        return await positions_of(info, agency_id, first, after, as_of)


# -- commands ----------------------------------------------------------------------------------
