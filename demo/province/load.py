"""Load the demonstration province through real commands; may be repeated after an interruption.

python -m demo.province.load [--platform FILE | --instance run] [--without-documents] [--small]
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar
from uuid import UUID, uuid5

import httpx

from client.caller import camel
from client.gateway import Gateway, there
from client.generated.inputs import RoleToGrantInput
from contracts.directory.roles import Role
from demo.place import accounts_file, arguments, platform_of
from demo.province import papers, past, province, staff, systems
from demo.province.staff import Member
from demo.province.systems import System
from deploy.platform.platform import Platform
from deploy.speech import said, say

AT_ONCE = 8
PASSWORDS_AT_ONCE = 2  # hashing them is made to be slow
OURS = UUID("5f3b1d0e-6a44-5c1b-9d0a-0e5a3c7b9f10")
# Whose accounts are opened: the province's leaders, its office, the lead department for ISO, the
# story's department, and two communes. Everybody else is staff without an account.
WITH_ACCOUNTS = ("H42", "H42.001", "H42.008", "H42.013", "H42.14329", "H42.14638")
T = TypeVar("T")
Found = TypeVar("Found")


def once(*names: str) -> UUID:
    """The request id of a step: the same at every try, so that a repeated load acts once."""
    return uuid5(OURS, ":".join(names))


async def main(platform: Platform, *, with_documents: bool, small: bool) -> None:
    """What was, agencies, people, positions, accounts, then the first documents.

    `small`: only the agencies whose staff have accounts and no past, for tests that need no whole province.
    """
    chosen = [each for each in province.agencies() if not small or each.code in WITH_ACCOUNTS]
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=platform.gateway_url, timeout=60, limits=limits) as http:
        caller = Gateway(http)
        admin = await caller.enter("quantri", platform.passwords["bootstrap_admin"])
        agencies = {admin.me["agency"]["code"]: admin.me["agency"]["id"]}
        if not small:
            agencies |= await enter_past(admin, agencies)
        agencies |= await _agencies(admin, [each for each in chosen if each.code not in agencies], agencies)
        people, positions = await _staff(admin, agencies)
        await _accounts(admin, people, platform)
        await _systems(admin, agencies, positions)
        if with_documents:
            await papers.issue_all(caller, agencies, platform.passwords["demo_accounts"])


async def _each(
    code: str, things: Iterable[T], step: Callable[[T], Awaitable[Found]], at_once: int = AT_ONCE
) -> list[Found]:
    """Do the step for all, several at once, and show how far it is."""
    waiting, gate, began = list(things), asyncio.Semaphore(at_once), time.monotonic()
    done = 0

    async def run(thing: T) -> Found:
        nonlocal done
        async with gate:
            found = await step(thing)
        done += 1
        if sys.stdout.isatty():
            print(f"\r  {said(code)}: {done}/{len(waiting)}", end="", flush=True)
        return found

    results = await asyncio.gather(*(run(thing) for thing in waiting))
    start = "\r" if sys.stdout.isatty() else ""
    print(f"{start}  {said(code)}: {done}/{len(waiting)}, {time.monotonic() - began:.1f} s", flush=True)
    return results


async def enter_past(admin: Gateway, known: dict[str, str]) -> dict[str, str]:
    """Code → id of the communes that came out of others: those are entered first, then merged by the acts."""
    root = province.province().code
    if await _began(admin, known[root]) > past.first_day():
        say("demo_no_past", day=f"{past.first_day():%d/%m/%Y}")
        return {}
    ids = dict(known)
    enter, units = _entering(admin, ids), past.before()
    for unit in (each for each in units if each.kind != "commune"):
        ids |= dict([await enter(unit)])
    communes = [each for each in units if each.kind == "commune"]
    ids |= dict(await _each("demo_past", communes, enter))
    new = {each.code: once("agency", each.code) for each in past.created()}
    ids |= {code: str(chosen) for code, chosen in new.items()}
    for act in past.acts({code: UUID(known_as) for code, known_as in ids.items()}):
        await admin.reorganise(request_id=once("act", act.basis.number), **vars(act))
    return {each.code: ids[each.code] for each in province.communes() if each.code in new}


async def _began(admin: Gateway, root_id: str) -> date:
    """The first day of the tree: one that was set up before there was a past cannot be given one."""
    history = there((await admin.agency_history(id=root_id))["history"])
    return min(date.fromisoformat(each["validFrom"]) for each in history)


async def _agencies(admin: Gateway, chosen: list[province.Agency], known: dict[str, str]) -> dict[str, str]:
    """Code → id of what is entered below the root."""
    return dict(await _each("demo_agencies", chosen, _entering(admin, known)))


def _entering(
    admin: Gateway, known: Mapping[str, str]
) -> Callable[[province.Agency], Awaitable[tuple[str, str]]]:
    """How an agency is entered below one that is known: its code and id."""

    async def enter(agency: province.Agency) -> tuple[str, str]:
        entered = await admin.create_agency(
            request_id=once("agency", agency.code),
            code=agency.code,
            name=agency.name,
            short_name=agency.short_name,
            kind=agency.kind,
            parent_id=known[agency.parent or ""],
            valid_from=agency.valid_from,
            basis=agency.basis,
        )
        return agency.code, entered["id"]

    return enter


async def _staff(admin: Gateway, agencies: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Username → person, and → the position they hold in one of the agencies entered."""
    since = province.province().valid_from
    chosen = [member for member in staff.members() if member.agency_code in agencies]

    async def enter(member: Member) -> tuple[str, str, str]:
        person = await admin.register_person(
            request_id=once("person", member.username),
            full_name=member.full_name,
            email=member.email,
        )
        position = await admin.appoint_position(
            request_id=once("position", member.username),
            agency_id=agencies[member.agency_code],
            person_id=person["id"],
            title=member.title,
            held_from=since,
            roles=[*_roles(member.roles), *_roles(member.of_province, agencies[province.province().code])],
        )
        return member.username, person["id"], position["id"]

    entered = await _each("demo_staff", chosen, enter)
    return {name: person for name, person, _ in entered}, {name: held for name, _, held in entered}


async def _systems(admin: Gateway, agencies: dict[str, str], positions: dict[str, str]) -> None:
    """A quality management system for each agency, from its beginning to its declaration."""

    async def enter(system: System) -> None:
        about: dict[str, Any] = {}
        for command, given in systems.steps(system, agencies, positions):
            given |= {"request_id": once(camel(command.__name__), system.agency_code)}
            found = await command(admin, **about, **given)
            about = {"system_id": found["id"], "expected_version": found["version"]}

    await _each("demo_systems", systems.systems(agencies), enter)


def _roles(roles: Iterable[Role], root: str | None = None) -> list[RoleToGrantInput]:
    """Roles for the position's own agency, or for all below the root."""
    return [{"role": role, "agency_id": root, "with_subtree": root is not None} for role in roles]


async def _accounts(admin: Gateway, people: dict[str, str], platform: Platform) -> None:
    """Accounts of those a visitor may try, and the list the front page shows."""
    chosen = [member for member in staff.members() if member.agency_code in WITH_ACCOUNTS]
    password = platform.passwords["demo_accounts"]

    async def enter(member: Member) -> None:
        await admin.open_account(
            request_id=once("account", member.username),
            person_id=people[member.username],
            username=member.username,
            password=password,
            must_change_password=False,
        )

    await _each("demo_accounts", chosen, enter, PASSWORDS_AT_ONCE)
    names = {agency.code: agency.short_name for agency in (province.province(), *province.agencies())}
    shown = [_shown(member, names[member.agency_code], password) for member in chosen]
    _keep(platform, [*shown, _administrator(platform)])


def _shown(member: Member, agency: str, password: str) -> dict[str, Any]:
    return {
        "username": member.username,
        "password": password,
        "name": member.full_name,
        "title": member.title,
        "agency": agency,
        "roles": [role.value for role in dict.fromkeys((*member.roles, *member.of_province))],
    }


def _administrator(platform: Platform) -> dict[str, Any]:
    return {
        "username": "quantri",
        "password": platform.passwords["bootstrap_admin"],
        "name": "Quản trị hệ thống",
        "title": "Quản trị hệ thống cấp tỉnh",
        "agency": province.province().short_name,
        "roles": [Role.PROVINCE_ADMIN.value, Role.SYSTEM_OPERATOR.value],
    }


def _keep(platform: Platform, accounts: list[dict[str, Any]]) -> None:
    new = accounts_file(platform.folder).with_suffix(".new")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(accounts, file, ensure_ascii=False, indent=1)
    new.replace(accounts_file(platform.folder))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="demo.province.load", description=__doc__)
    arguments(parser)
    parser.add_argument("--without-documents", action="store_true")
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    documents, wanted = not asked.without_documents, platform_of(asked)
    asyncio.run(main(wanted, with_documents=documents, small=asked.small))
