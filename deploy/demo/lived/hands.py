"""Who does the work: the people of each agency, their accounts, and the doors they have open."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.demo import load, staff
from deploy.demo.client import Gateway, Refused
from deploy.demo.province import Agency
from deploy.demo.staff import Member

GRANT_GOOD_FOR = 8 * 60.0
"""A grant lasts ten minutes."""
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
    """A door, and until when its grant is good."""

    door: Gateway
    until: float


class People:
    """Opens an account for whoever is needed and has none, and signs them in again when it is time."""

    def __init__(self, admin: Gateway, anybody: Gateway, password: str, agencies: Mapping[str, str]) -> None:
        self._admin, self._anybody, self._password = admin, anybody, password
        self.agencies = agencies
        self._members = {(m.agency_code, m.key): m for m in staff.members()}
        self._doors: dict[str, Open] = {}
        self._has_account = {m.username for m in staff.members() if m.agency_code in load.WITH_ACCOUNTS}
        self._one_at_a_time: dict[str, asyncio.Lock] = {}
        self._hashing = asyncio.Semaphore(load.PASSWORDS_AT_ONCE)

    async def hands(self, agency: Agency) -> dict[str, Gateway]:
        """Part of the work → the door of whoever does it."""
        return {part: await self.door(agency.code, key) for part, key in posts(agency).items()}

    async def door(self, agency_code: str, key: str) -> Gateway:
        """The door of the one who holds that post."""
        member = self._members[agency_code, key]
        async with self._one_at_a_time.setdefault(member.username, asyncio.Lock()):
            known = self._doors.get(member.username)
            if known is None or known.until < time.monotonic():
                async with self._hashing:
                    entered = await self._anybody.sign_in(member.username, self._password)
                known = Open(entered, time.monotonic() + GRANT_GOOD_FOR)
                self._doors[member.username] = known
        return known.door

    async def open_accounts(self, agency: Agency) -> None:
        """For those who have a part in the work and no account yet."""
        wanted = [self._members[agency.code, key] for key in dict.fromkeys(posts(agency).values())]
        missing = [member for member in wanted if member.username not in self._has_account]
        if not missing:
            return
        ids = await self._ids(agency)
        for member in missing:
            await self._open(member, ids[member.title, member.full_name])

    async def _open(self, member: Member, person_id: str) -> None:
        async with self._hashing:
            try:
                await self._admin.do(
                    "openAccount",
                    "Account { id }",
                    requestId=load.once("account", member.username),
                    personId=person_id,
                    username=member.username,
                    password=self._password,
                    mustChangePassword=False,
                )
            except Refused as no:
                if no.problem["code"] not in KNOWN_ALREADY:
                    raise

    async def _ids(self, agency: Agency) -> dict[tuple[str, str], str]:
        query = """query($id: UUID!) { positions(agencyId: $id, first: 50) {
            edges { node { title person { id fullName } } } } }"""
        found = await self._admin.ask(query, id=self.agencies[agency.code])
        nodes: list[Any] = [edge["node"] for edge in found["positions"]["edges"]]
        return {(node["title"], node["person"]["fullName"]): node["person"]["id"] for node in nodes}
