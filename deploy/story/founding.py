"""Three communes for the story's last act, each with three people: no agency of the others is touched."""

from datetime import date
from random import Random
from typing import Any

from contracts.directory import Role
from deploy.demo import staff
from deploy.demo.client import Gateway
from deploy.story.cast import PROVINCE, Stage

OLD = {
    "H42.90001": "phường Một (tên trình diễn)",
    "H42.90002": "phường Hai (tên trình diễn)",
    "H42.90003": "phường Ba (tên trình diễn)",
}
SINCE = date(2025, 7, 1)
ROLES: dict[str, tuple[Role, ...]] = {post.key: post.roles for post in staff.COMMUNE}
TITLES = {post.key: post.title for post in staff.COMMUNE}


async def found(stage: Stage, admin: Gateway) -> dict[str, str]:
    """Code → id of the three communes and of the province; their people can sign in."""
    ids = {PROVINCE: str(admin.me["agency"]["id"])}
    for code, name in OLD.items():
        entered = await admin.do(
            "createAgency",
            "Agency { id }",
            code=code,
            name=f"Ủy ban nhân dân {name}",
            shortName=f"UBND {name}",
            kind="commune",
            parentId=ids[PROVINCE],
            validFrom=SINCE,
        )
        ids[code] = str(entered["id"])
        draw = Random(f"eISO story {code}")
        for key in ROLES:
            await _appoint(stage, admin, ids[code], code, key, staff.a_name(draw))
    return ids


async def door(stage: Stage, code: str, key: str) -> Gateway:
    """The door for that person of that commune."""
    password = stage.platform.passwords["demo_accounts"]
    return await Gateway(stage.http).sign_in(username(code, key), password)


def username(code: str, key: str) -> str:
    """How that person signs in."""
    return f"{key}.{code.rpartition('.')[2]}"


async def _appoint(stage: Stage, admin: Gateway, agency_id: str, code: str, key: str, name: str) -> None:
    person = await admin.do("registerPerson", "Person { id }", fullName=name)
    roles: list[dict[str, Any]] = [{"role": role} for role in ROLES[key]]
    about = {"personId": person["id"], "agencyId": agency_id, "heldFrom": SINCE}
    title = TITLES[key].format(unit="phường")
    await admin.do("appointPosition", "Position { id }", **about, title=title, roles=roles)
    await admin.do(
        "openAccount",
        "Account { id }",
        personId=person["id"],
        username=username(code, key),
        password=stage.platform.passwords["demo_accounts"],
        mustChangePassword=False,
    )
