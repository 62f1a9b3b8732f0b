"""Three communes for the story's last acts, each with three people: no agency of the others is touched."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from client.gateway import Gateway
from client.generated.accounts import AppointPosition
from client.generated.inputs import RoleToGrantInput
from contracts.directory.roles import Role
from demo.province import staff
from demo.story.cast import PROVINCE, Stage

OLD = {
    "H42.90001": "phường Một (tên trình diễn)",
    "H42.90002": "phường Hai (tên trình diễn)",
    "H42.90003": "phường Ba (tên trình diễn)",
}
SINCE = date(2025, 7, 1)
ROLES: dict[str, tuple[Role, ...]] = {post.key: post.roles for post in staff.COMMUNE}
ROLES["secretary"] += (
    Role.CASE_OFFICER,
)  # few people, many duties: in a commune ISO is done beside the work
TITLES = {post.key: post.title for post in staff.COMMUNE}


@dataclass(frozen=True)
class Newcomer:
    """Somebody who begins in an agency."""

    name: str
    username: str
    title: str
    roles: tuple[Role, ...]
    since: date


async def found(stage: Stage, admin: Gateway) -> dict[str, str]:
    """Code → id of the three communes and of the province; their people can sign in."""
    ids = {PROVINCE: str(admin.me["agency"]["id"])}
    for code, name in OLD.items():
        entered = await admin.create_agency(
            code=code,
            name=f"Ủy ban nhân dân {name}",
            short_name=f"UBND {name}",
            kind="commune",
            parent_id=ids[PROVINCE],
            valid_from=SINCE,
        )
        ids[code] = str(entered["id"])
        draw = Random(f"eISO story {code}")
        for key in ROLES:
            title, roles = TITLES[key].format(unit="phường"), ROLES[key]
            newcomer = Newcomer(staff.a_name(draw), username(code, key), title, roles, SINCE)
            await appoint(stage, admin, ids[code], newcomer)
    return ids


async def caller(stage: Stage, code: str, key: str) -> Gateway:
    """The gateway, signed in as that person of that commune."""
    return await enter(stage, username(code, key))


async def enter(stage: Stage, name: str) -> Gateway:
    """The gateway, signed in under that name."""
    return await Gateway(stage.http).enter(name, stage.platform.passwords["demo_accounts"])


def username(code: str, key: str) -> str:
    """How that person signs in."""
    return f"{key}.{code.rpartition('.')[2]}"


async def appoint(stage: Stage, admin: Gateway, agency_id: str, who: Newcomer) -> AppointPosition:
    """Appoint the person and open an account; the id of their position."""
    person = await admin.register_person(full_name=who.name)
    roles: list[RoleToGrantInput] = [{"role": role} for role in who.roles]
    about: dict[str, Any] = {"person_id": person["id"], "agency_id": agency_id, "held_from": who.since}
    position = await admin.appoint_position(**about, title=who.title, roles=roles)
    await admin.open_account(
        person_id=person["id"],
        username=who.username,
        password=stage.platform.passwords["demo_accounts"],
        must_change_password=False,
    )
    return position
