"""Who does the work: the people of each agency, their accounts, and their open sessions."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from client.gateway import Gateway, Refused, there
from client.generated.accounts import SessionOpened
from demo.province import load, staff
from demo.province.province import Agency
from demo.province.staff import Member

TOKEN_GOOD_FOR = 8 * 60.0
"""Seconds; a session token lasts ten minutes."""
KNOWN_ALREADY = {"account_exists", "username_taken"}
COMMUNE = {"author": "counter", "reviewer": "secretary", "owner": "counter", "secretary": "secretary"}
PROVINCE = {"author": "secretary", "reviewer": "deputy", "owner": "deputy", "secretary": "secretary"}
DEPARTMENT = {"author": "secretary", "reviewer": "division", "owner": "division", "secretary": "secretary"}


def posts(agency: Agency) -> Mapping[str, str]:
    """Which post does which part of the work; nobody reviews or verifies what is their own."""
    part = {"commune": COMMUNE, "province": PROVINCE}.get(agency.kind, DEPARTMENT)
    return {**part, "head": "head"}


@dataclass
class Open:
    """The gateway signed in as one person, and until when its session token is good."""

    caller: Gateway
    refresh_token: str
    until: float


class People:
    """Opens an account for each person needed who has none, and signs the person in again when it is time."""

    def __init__(self, anybody: Gateway, passwords: Mapping[str, str]) -> None:
        self._anybody, self._passwords = anybody, passwords
        self.agencies: dict[str, str] = {}
        self._members = {(m.agency_code, m.key): m for m in staff.members()}
        self._doors: dict[str, Open] = {}
        self._has_account = {m.username for m in staff.members() if m.agency_code in load.WITH_ACCOUNTS}
        self._one_at_a_time: dict[str, asyncio.Lock] = {}
        self._hashing = asyncio.Semaphore(load.PASSWORDS_AT_ONCE)

    async def hands(self, agency: Agency) -> dict[str, Gateway]:
        """Part of the work → the gateway, signed in as the person who does it."""
        return {part: await self.caller(agency.code, key) for part, key in posts(agency).items()}

    async def caller(self, agency_code: str, key: str) -> Gateway:
        """The gateway, signed in as the holder of that post."""
        member = self._members[agency_code, key]
        return await self._door(member.username, self._passwords["demo_accounts"])

    async def admin(self) -> Gateway:
        """The gateway, signed in as the province's administrator."""
        return await self._door("quantri", self._passwords["bootstrap_admin"])

    async def _door(self, username: str, password: str) -> Gateway:
        async with self._one_at_a_time.setdefault(username, asyncio.Lock()):
            known = self._doors.get(username)
            if known is None or known.until < time.monotonic():
                known = await self._renewed(known) or await self._signed_in(username, password)
                self._doors[username] = known
        return known.caller

    async def _signed_in(self, username: str, password: str) -> Open:
        async with self._hashing:
            return self._opened(await self._anybody.sign_in(username=username, password=password))

    async def _renewed(self, known: Open | None) -> Open | None:
        """Without the password, whose hashing is made to be slow; None where that session is over."""
        if known is None:
            return None
        with suppress(Refused):
            return self._opened(await self._anybody.refresh_session(refresh_token=known.refresh_token))
        return None

    def _opened(self, session: SessionOpened) -> Open:
        caller = self._anybody.as_one_with(session["grant"], session["me"])
        return Open(caller, session["refreshToken"], time.monotonic() + TOKEN_GOOD_FOR)

    async def open_accounts(self, agency: Agency) -> None:
        """For those who have a part in the work and no account yet."""
        wanted = [self._members[agency.code, key] for key in dict.fromkeys(posts(agency).values())]
        missing = [member for member in wanted if member.username not in self._has_account]
        if not missing:
            return
        admin = await self.admin()
        ids = await self._ids(admin, agency)
        for member in missing:
            await self._open(admin, member, ids[member.title, member.full_name])

    async def _open(self, admin: Gateway, member: Member, person_id: str) -> None:
        async with self._hashing:
            try:
                await admin.open_account(
                    request_id=load.once("account", member.username),
                    person_id=person_id,
                    username=member.username,
                    password=self._passwords["demo_accounts"],
                    must_change_password=False,
                )
            except Refused as no:
                if no.problem["code"] not in KNOWN_ALREADY:
                    raise

    async def _ids(self, admin: Gateway, agency: Agency) -> dict[tuple[str, str], str]:
        nodes = await admin.positions_of(agency_id=self.agencies[agency.code])
        people = [(node["title"], there(node["person"])) for node in nodes]
        return {(title, person["fullName"]): person["id"] for title, person in people}
