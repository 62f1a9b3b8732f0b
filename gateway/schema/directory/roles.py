"""The catalogue of roles, in GraphQL."""

import strawberry

from contracts.directory import roles as contract
from gateway.graphql.context import Info
from gateway.graphql.present import enums, field, present, said_of, shown

enums(contract.Holder, contract.Extent)


@shown
class RoleInCatalogue(contract.RoleView):
    """`contracts.directory.roles.RoleView`."""


@strawberry.type
class RoleQueries:
    """What can be asked of roles."""

    @field(said_of(contract.ListRoles))
    async def roles(self, info: Info) -> list[RoleInCatalogue] | None:
        found = await info.context.ask(contract.ListRoles())
        return [present(RoleInCatalogue, view) for view in found]
