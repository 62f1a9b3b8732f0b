"""Sessions and accounts in GraphQL: one's own sessions listed and revoked, accounts disabled and enabled."""

from uuid import UUID

import strawberry

from contracts.directory import accounts as contract
from gateway.graphql.context import Info
from gateway.graphql.present import enums, field, present, said_of, shown
from gateway.schema.directory.agencies import Person, Position, person_of, position_of

enums(contract.DisabledBecause)


@shown
class OpenSession(contract.OpenSessionView):
    """`contracts.directory.accounts.OpenSessionView` with the position it acts as."""

    person_id: strawberry.Private[UUID]
    position_id: strawberry.Private[UUID]

    @field("The position it acts as.")
    async def position(self, info: Info) -> Position | None:
        return await position_of(info, self.position_id)


@shown
class AccountState(contract.AccountStateView):
    """`contracts.directory.accounts.AccountStateView` with whose it is."""

    person_id: strawberry.Private[UUID]

    @field("Whose account it is.")
    async def person(self, info: Info) -> Person | None:
        return await person_of(info, self.person_id)


@shown
class SessionsRevoked(contract.SessionsRevoked):
    """`contracts.directory.accounts.SessionsRevoked`."""


@strawberry.type
class SessionQueries:
    """What can be asked about sessions."""

    @field(said_of(contract.MySessions))
    async def my_sessions(self, info: Info) -> list[OpenSession] | None:
        info.context.signed_in()
        found = await info.context.ask(contract.MySessions())
        return [present(OpenSession, each) for each in found]

    @field(said_of(contract.SessionsOf))
    async def sessions_of(self, info: Info, person_id: UUID) -> list[OpenSession] | None:
        question = contract.SessionsOf(person_id=person_id)
        found = await info.context.ask(question)
        return [present(OpenSession, each) for each in found]

    @field(said_of(contract.AccountOf))
    async def account_of(self, info: Info, person_id: UUID) -> AccountState | None:
        question = contract.AccountOf(person_id=person_id)
        return present(AccountState, await info.context.ask(question))
