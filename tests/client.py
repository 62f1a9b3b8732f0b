"""The client as tests use it: any operation, also one that is wrong, is asked by its text."""

from typing import Any
from uuid import uuid4

from client.caller import Failed, Refused, plain
from client.gateway import File
from client.gateway import Gateway as Typed

__all__ = ["Failed", "File", "Gateway", "Refused", "plain"]

PROBLEM = "... on Problem { code message remedy field }"


class Gateway(Typed):
    """Every operation of the client, and those that no test should need a method for."""

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The `data` of a query; errors of GraphQL are raised."""
        found = await self.answer(query, **variables)
        if found.get("errors"):
            raise Failed(found)
        return found["data"]

    async def every(self, name: str, query: str, **variables: Any) -> list[Any]:
        """All nodes of a list, page by page; the query takes `$after` and asks for `pageInfo`."""
        return await self._every(name, query, **variables)

    async def do(self, command: str, wanted: str, **given: Any) -> dict[str, Any]:
        """Run one command; `wanted` is `Type { fields }` of its answer. A refusal is raised."""
        shape = f"{command[0].upper()}{command[1:]}Input!"
        mutation = f"mutation($input: {shape}) {{ answer: {command}(input: $input) {{ "
        mutation += f"__typename ... on {wanted} {PROBLEM} }} }}"
        return await self._command(command, mutation, {"requestId": uuid4(), **given})

    async def sign_in(self, username: str, password: str) -> "Gateway":
        """The same gateway for this person."""
        return await self.enter(username, password)
