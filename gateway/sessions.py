"""Sessions and accounts in GraphQL: one's own sessions listed and revoked, accounts disabled and enabled."""

from uuid import UUID

import strawberry

from contracts.directory import accounts as contract
from gateway.context import Info, command
from gateway.directory import Person, Position, person_of, position_of, refusable
from gateway.present import asked, field, present, said_of

strawberry.enum(contract.DisabledBecause, description=said_of(contract.DisabledBecause))


@strawberry.type(description=said_of(contract.OpenSessionView))
class OpenSession(contract.OpenSessionView):
    """`contracts.directory.accounts.OpenSessionView` with the position it acts as."""

    person_id: strawberry.Private[UUID]
    position_id: strawberry.Private[UUID]

    @field("The position it acts as.")
    async def position(self, info: Info) -> Position | None:
        return await position_of(info, self.position_id)


@strawberry.type(description=said_of(contract.AccountStateView))
class AccountState(contract.AccountStateView):
    """`contracts.directory.accounts.AccountStateView` with whose it is."""

    person_id: strawberry.Private[UUID]

    @field("Whose account it is.")
    async def person(self, info: Info) -> Person | None:
        return await person_of(info, self.person_id)


@strawberry.type(description=said_of(contract.SessionsRevoked))
class SessionsRevoked(contract.SessionsRevoked):
    """`contracts.directory.accounts.SessionsRevoked`."""


@strawberry.type
class SessionQueries:
    """What can be asked about sessions."""

    @field(said_of(contract.MySessions))
    async def my_sessions(self, info: Info) -> list[OpenSession] | None:
        info.context.signed_in()
        found = await info.context.ask(contract.MySessions(), list[contract.OpenSessionView])
        return [present(OpenSession, each) for each in found]

    @field(said_of(contract.SessionsOf))
    async def sessions_of(self, info: Info, person_id: UUID) -> list[OpenSession] | None:
        question = contract.SessionsOf(person_id=person_id)
        found = await info.context.ask(question, list[contract.OpenSessionView])
        return [present(OpenSession, each) for each in found]

    @field(said_of(contract.AccountOf))
    async def account_of(self, info: Info, person_id: UUID) -> AccountState | None:
        question = contract.AccountOf(person_id=person_id)
        return present(AccountState, await info.context.ask(question, contract.AccountStateView))


@asked
class RevokeSessionInput(contract.RevokeSession): ...


@asked
class RevokeOtherSessionsInput(contract.RevokeOtherSessions): ...


@asked
class RevokeSessionsOfInput(contract.RevokeSessionsOf): ...


@asked
class DisableAccountInput(contract.DisableAccount): ...


@asked
class EnableAccountInput(contract.EnableAccount): ...


@asked
class UnlockAccountInput(contract.UnlockAccount): ...


SessionsRevokedResult = refusable("SessionsRevokedResult", SessionsRevoked)
AccountStateResult = refusable("AccountStateResult", AccountState)


@strawberry.type
class SessionMutations:
    """Commands about sessions and accounts."""

    revoke_session = command(RevokeSessionInput, SessionsRevoked, SessionsRevokedResult)
    revoke_other_sessions = command(RevokeOtherSessionsInput, SessionsRevoked, SessionsRevokedResult)
    revoke_sessions_of = command(RevokeSessionsOfInput, SessionsRevoked, SessionsRevokedResult)
    disable_account = command(DisableAccountInput, AccountState, AccountStateResult)
    enable_account = command(EnableAccountInput, AccountState, AccountStateResult)
    unlock_account = command(UnlockAccountInput, AccountState, AccountStateResult)
