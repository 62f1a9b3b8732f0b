"""A caller of the gateway: GraphQL over HTTP, signed in or not. This module knows no word of the schema."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any, ClassVar, Protocol, TypeVar
from uuid import UUID, uuid4

import httpx

PATIENCE_SECONDS = 20
PAUSE_SECONDS = 1.0
AWAY_SECONDS = 0.5

Id = UUID | str
Day = date | str
Moment = date | str
"""A datetime is a date too."""


class Shape(Protocol):
    """A dataclass whose fields are those of an input."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class Refused(Exception):
    """The platform refused a command; `problem` says why and what to do."""

    def __init__(self, what: str, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{what}: {problem}")
        self.problem = problem


class Failed(RuntimeError):
    """A question was answered with errors instead of data."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        super().__init__(str(found)[:2000])
        self.errors: list[dict[str, Any]] = list(found.get("errors") or ())


class NotThere(Failed):
    """Nothing is there, or nothing that the caller may see."""


T = TypeVar("T")


def there(found: T | None) -> T:
    """What the schema lets be missing, where it must be there."""
    if found is None:
        raise NotThere({"errors": [{"message": "nothing where something was expected"}]})
    return found


class Caller:
    """Calls the gateway, for somebody who signed in or for nobody.

    `tries`: how often a request is sent that gets no answer at all; the same one, so that it acts once.
    `refresh`: by which the session token is renewed, once it has run out or a post in it changed.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        token: str | None = None,
        me: Any = None,
        *,
        tries: int = 1,
        refresh: str | None = None,
    ) -> None:
        self._http, self.token, self.me, self._tries = http, token, me, tries
        self._refresh = refresh

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer to a document, with its errors; a session token that is void is renewed once."""
        found = await self._answered(query, **variables)
        if self._refresh and _is_signed_out(found) and await self._renewed():
            found = await self._answered(query, **variables)
        return found

    async def _renewed(self) -> bool:
        """Whether the session goes on; the one who has nothing left to act as stays signed out."""
        return False

    async def _answered(self, query: str, **variables: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        asked = {"query": query, "variables": {name: plain(value) for name, value in variables.items()}}
        answer = await self._send("POST", "/graphql", json=asked, headers=headers)
        found: dict[str, Any] = answer.json()
        if answer.status_code not in (200, 401):
            raise RuntimeError(f"{answer.status_code}: {str(found)[:2000]}")
        return found

    async def _query(self, query: str, **variables: Any) -> Any:
        """The data of a question; its errors are raised. What is not given keeps the schema's default."""
        given = {name: value for name, value in variables.items() if value is not None}
        found = await self.answer(query, **given)
        if found.get("errors"):
            raise Failed(found)
        return found["data"]

    async def _one(self, name: str, query: str, **variables: Any) -> Any:
        """What one question is answered with."""
        found = (await self._query(query, **variables))[name]
        if found is None:
            raise NotThere({"errors": [{"message": f"{name}: {variables}"}]})
        return found

    async def _every(self, name: str, query: str, **variables: Any) -> list[Any]:
        """All nodes of a list, page by page."""
        found: list[Any] = []
        after = None
        while True:
            page = (await self._query(query, after=after, **variables))[name]
            found += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    async def _command(self, name: str, query: str, given: Mapping[str, Any]) -> Any:
        """What a command is answered with; a refusal is raised. One without a request id is given one."""
        asked = {key: value for key, value in given.items() if value is not None}
        if "request_id" in given:
            asked.setdefault("request_id", uuid4())
        limit = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = await self._done(name, query, asked)
            if answer["__typename"] != "UnavailableProblem" or time.monotonic() > limit:
                break
            await asyncio.sleep(AWAY_SECONDS)  # as the problem's remedy says; the same request id acts once
        if answer["__typename"].endswith("Problem"):
            raise Refused(name, answer)
        return answer

    async def _done(self, name: str, query: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """A command's answer; that nobody is signed in is no part of it but an error beside it."""
        found = await self.answer(query, input=asked)
        for error in found.get("errors", ()):
            if error["extensions"]["code"] == "not_signed_in":
                raise Refused(name, {"__typename": "ForbiddenProblem", **error["extensions"]})
            raise Failed(found)
        answer: dict[str, Any] = found["data"]["answer"]
        return answer

    async def _send(self, method: str, url: str, **sent: Any) -> httpx.Response:
        for tried in range(1, self._tries):
            with suppress(httpx.TransportError):
                return await self._http.request(method, url, **sent)
            await asyncio.sleep(PAUSE_SECONDS * tried)
        return await self._http.request(method, url, **sent)


def _is_signed_out(found: Mapping[str, Any]) -> bool:
    """Whether the answer says that nobody is signed in: beside it, or as a command's problem."""
    problems = [each["extensions"] for each in found.get("errors") or ()]
    answer = (found.get("data") or {}).get("answer")
    return any(
        each and each.get("code") == "not_signed_in" for each in (*problems, answer) if isinstance(each, dict)
    )


def plain(value: Any) -> Any:
    """A value as GraphQL's variables take it: camelCase, enums by name, None left out."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return {camel(name): plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, UUID | date):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(item) for item in value]
    return value


def camel(name: str) -> str:
    """snake_case as GraphQL spells it."""
    first, *others = name.split("_")
    return first + "".join(part.title() for part in others)
