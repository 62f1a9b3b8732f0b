"""A client of the gateway as any other program would be one: GraphQL over HTTP, commands by the contracts."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx

PATIENCE_SECONDS = 20
PAUSE_SECONDS = 1.0
PROBLEM = "... on Problem { code message remedy field }"
ME = "me { position { id } person { id } agency { id code } businessToday }"


class Refused(Exception):
    """The platform refused a command; `problem` says why and what to do."""

    def __init__(self, what: str, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{what}: {problem}")
        self.problem = problem


@dataclass(frozen=True, kw_only=True)
class File:
    """A file to be uploaded."""

    name: str
    media_type: str
    content: bytes


class Gateway:
    """The one door, for somebody who signed in or for nobody.

    `tries`: how often a request is sent that gets no answer at all; the same one, so that it acts once.
    `refresh`: the token by which it renews its grant, once the grant has run out or a post of its changed.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        grant: str | None = None,
        me: Any = None,
        *,
        tries: int = 1,
        refresh: str | None = None,
    ) -> None:
        self._http, self.grant, self.me, self._tries = http, grant, me, tries
        self._refresh = refresh

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The `data` of a query; errors of GraphQL are raised."""
        found = await self.answer(query, **variables)
        if found.get("errors"):
            raise RuntimeError(str(found)[:2000])
        data: dict[str, Any] = found["data"]
        return data

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer to a query, with its errors; a grant that is void is renewed once."""
        found = await self._answered(query, **variables)
        if self._refresh and _is_signed_out(found) and await self._renewed():
            found = await self._answered(query, **variables)
        return found

    async def _renewed(self) -> bool:
        """Whether the session goes on; the one who has nothing left to act as stays signed out."""
        given = {"requestId": uuid4(), "refreshToken": self._refresh}
        text = "mutation($input: RefreshSessionInput!) { answer: refreshSession(input: $input) {"
        text += " ... on Session { grant refreshToken } } }"
        grant, self.grant, self._refresh = self.grant, None, None
        found = await self._answered(text, input=given)
        session = (found.get("data") or {}).get("answer") or {}
        self.grant, self._refresh = session.get("grant", grant), session.get("refreshToken")
        return self._refresh is not None

    async def _answered(self, query: str, **variables: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.grant}"} if self.grant else {}
        asked = {"query": query, "variables": {name: plain(value) for name, value in variables.items()}}
        answer = await self._answer("POST", "/graphql", json=asked, headers=headers)
        found: dict[str, Any] = answer.json()
        if answer.status_code not in (200, 401):
            raise RuntimeError(f"{answer.status_code}: {str(found)[:2000]}")
        return found

    async def every(self, name: str, query: str, **variables: Any) -> list[Any]:
        """All nodes of a list, page by page; the query takes `$after` and asks for `pageInfo`."""
        found: list[Any] = []
        after = None
        while True:
            page = (await self.ask(query, after=after, **variables))[name]
            found += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    async def agencies(self) -> dict[str, str]:
        """Code → id of all agencies the directory lists."""
        query = """query($after: String) { agencies(first: 100, after: $after) {
            edges { node { id code } } pageInfo { hasNextPage endCursor } } }"""
        return {each["code"]: each["id"] for each in await self.every("agencies", query)}

    async def do(self, command: str, wanted: str, **given: Any) -> dict[str, Any]:
        """Run one command; `wanted` is `Type { fields }` of its answer. A refusal is raised."""
        shape = f"{command[0].upper()}{command[1:]}Input!"
        mutation = f"mutation($input: {shape}) {{ answer: {command}(input: $input) {{ "
        mutation += f"__typename ... on {wanted} {PROBLEM} }} }}"
        asked = {"requestId": uuid4(), **given}
        limit = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = await self._done(command, mutation, asked)
            if answer["__typename"] != "UnavailableProblem" or time.monotonic() > limit:
                break
            await asyncio.sleep(0.5)  # as the problem's remedy says; the same request id acts once
        if answer["__typename"].endswith("Problem"):
            raise Refused(command, answer)
        found: dict[str, Any] = answer
        return found

    async def _done(self, command: str, mutation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """A command's answer; that nobody is signed in is no part of it but an error beside it."""
        found = await self.answer(mutation, input=asked)
        for error in found.get("errors", ()):
            if error["extensions"]["code"] == "not_signed_in":
                raise Refused(command, {"__typename": "ForbiddenProblem", **error["extensions"]})
            raise RuntimeError(str(found)[:2000])
        answer: dict[str, Any] = found["data"]["answer"]
        return answer

    async def sign_in(self, username: str, password: str) -> "Gateway":
        """The same door for this person."""
        wanted = f"Session {{ grant refreshToken {ME} }}"
        session = await self.do("signIn", wanted, username=username, password=password)
        return self.as_one_with(session["grant"], session["me"], session["refreshToken"])

    def as_one_with(self, grant: str, me: Any, refresh: str | None = None) -> "Gateway":
        """The same door for whoever holds this grant."""
        return Gateway(self._http, grant, me, tries=self._tries, refresh=refresh)

    async def upload(self, agency_id: str, file: File, *, request_id: UUID | None = None) -> str:
        """Reserve, put the bytes straight into the store, confirm. With a request id it may be repeated:
        whether the bytes are there is for the confirmation to say, also where the link has run out.
        """
        ticket = await self.do(
            "reserveUpload",
            "UploadTicket { uploadId url headers { name value } }",
            requestId=request_id or uuid4(),
            agencyId=agency_id,
            name=file.name,
            mediaType=file.media_type,
            size=len(file.content),
            sha256=sha256(file.content).hexdigest(),
        )
        headers = {pair["name"]: pair["value"] for pair in ticket["headers"]}
        await self._answer("PUT", ticket["url"], content=file.content, headers=headers)
        done = await self.do("confirmUpload", "Upload { id }", uploadId=ticket["uploadId"])
        return str(done["id"])

    async def _answer(self, method: str, url: str, **sent: Any) -> httpx.Response:
        for tried in range(1, self._tries):
            with suppress(httpx.TransportError):
                return await self._http.request(method, url, **sent)
            await asyncio.sleep(PAUSE_SECONDS * tried)
        return await self._http.request(method, url, **sent)


def _is_signed_out(found: Mapping[str, Any]) -> bool:
    """Whether the answer says that nobody is signed in: beside it, or as a command's problem."""
    told = [each["extensions"] for each in found.get("errors") or ()]
    answer = (found.get("data") or {}).get("answer")
    return any(
        each and each.get("code") == "not_signed_in" for each in (*told, answer) if isinstance(each, dict)
    )


def plain(value: Any) -> Any:
    """A value of the contracts as GraphQL's variables take it: camelCase, enums by name, None left out."""
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
