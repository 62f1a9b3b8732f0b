"""Members of staff, in GraphQL: finding them, amending what is known of them."""

from uuid import UUID

import strawberry

from contracts.directory import staff as contract
from gateway.context import Info, command
from gateway.directory import Person, PersonResult
from gateway.paging import After, Connection, First, connect
from gateway.present import asked, field, said_of

strawberry.enum(contract.PersonFact, description=said_of(contract.PersonFact))


@asked
class AmendPersonInput(contract.AmendPerson): ...


@asked
class RecordIdentityNumberInput(contract.RecordIdentityNumber): ...


@asked
class ReleasePersonInput(contract.ReleasePerson): ...


@asked
class WithdrawReleaseInput(contract.WithdrawRelease): ...


@asked
class MovePersonInput(contract.MovePerson): ...


@strawberry.type
class PeopleQueries:
    """What can be asked of people."""

    @field(said_of(contract.ListPeople))
    async def people(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        search: str | None = None,
        agency_id: UUID | None = None,
    ) -> Connection[Person] | None:
        info.context.signed_in()
        question = contract.ListPeople(first=first, after=after, search=search, agency_id=agency_id)
        page = await info.context.ask(question, contract.PersonPage)
        return connect(Connection[Person], Person, page, after)


@strawberry.type
class PeopleMutations:
    """What can be done with what is known of people."""

    amend_person = command(AmendPersonInput, Person, PersonResult)
    record_identity_number = command(RecordIdentityNumberInput, Person, PersonResult)
    release_person = command(ReleasePersonInput, Person, PersonResult)
    withdraw_release = command(WithdrawReleaseInput, Person, PersonResult)
    move_person = command(MovePersonInput, Person, PersonResult)
