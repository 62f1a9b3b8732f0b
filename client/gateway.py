"""The gateway as a program meets it: every operation, and what takes more than one of them."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self
from uuid import uuid4

from client.caller import Caller, Failed, Id, Refused, there
from client.generated import Operations
from client.generated.accounts import SessionOpened

__all__ = ["Caller", "Failed", "File", "Gateway", "Refused", "there"]


@dataclass(frozen=True, kw_only=True)
class File:
    """A file to be uploaded."""

    name: str
    media_type: str
    content: bytes


class Gateway(Operations):
    """The gateway, for somebody who signed in or for nobody."""

    async def enter(self, username: str, password: str) -> Self:
        """The same gateway for this person, whose session goes on by itself."""
        session = await super().sign_in(username=username, password=password)
        return self.as_one_with(session["grant"], session["me"], session["refreshToken"])

    def as_one_with(self, token: str, me: Any, refresh: str | None = None) -> Self:
        """The same gateway for the holder of this session token."""
        return type(self)(self._http, token, me, tries=self._tries, refresh=refresh)

    async def agencies(self) -> dict[str, str]:
        """Code → id of all agencies the directory lists."""
        return {each["code"]: each["id"] for each in await self.all_agencies()}

    async def upload(self, agency_id: Id, file: File, *, request_id: Id | None = None) -> str:
        """Reserve, put the bytes straight into the store, confirm. With a request id it may be repeated:
        whether the bytes are there is for the confirmation to say, also where the link has run out.
        """
        ticket = await self.reserve_upload(
            request_id=request_id or uuid4(),
            agency_id=agency_id,
            name=file.name,
            media_type=file.media_type,
            size=len(file.content),
            sha256=sha256(file.content).hexdigest(),
        )
        headers = {pair["name"]: pair["value"] for pair in ticket["headers"]}
        await self._send("PUT", ticket["url"], content=file.content, headers=headers)
        done = await self.confirm_upload(upload_id=ticket["uploadId"])
        return done["id"]

    async def _renewed(self) -> bool:
        """Whether the session goes on; the one who has nothing left to act as stays signed out."""
        token, refresh, self.token, self._refresh = self.token, self._refresh, None, None
        session: SessionOpened | None = None
        if refresh:
            try:
                session = await self.refresh_session(refresh_token=refresh)
            except (Refused, Failed):
                session = None
        self.token = session["grant"] if session else token
        self._refresh = session["refreshToken"] if session else None
        return session is not None
