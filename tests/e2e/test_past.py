"""The demonstration's past as its loader enters it, and as a reader asks for it by day."""

from datetime import date

import pytest
import pytest_asyncio

from demo.province import load, past
from tests.client import Gateway
from tests.e2e.conftest import a_client

pytestmark = pytest.mark.asyncio(loop_scope="module")
LISTED = """query($after: String, $day: Date, $search: String, $ended: Boolean! = false) {
  agencies(first: 100, after: $after, asOf: $day, search: $search, ended: $ended) {
    edges { node { code name shortName parent(asOf: $day) { code }
      history { code validFrom validTo } predecessors { predecessor { shortName } }
      successors { successor { code } kind } } } pageInfo { hasNextPage endCursor } } }"""
EVE, BETWEEN, AFTER = date(2024, 8, 31), date(2024, 12, 31), date(2025, 7, 1)
CITY = "CU.NAMDINH.NAMDINH"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def admin(platform):
    """The administrator, after the past was entered; that the load is repeated changes nothing."""
    async with a_client(platform) as http:
        caller = await Gateway(http).sign_in("quantri", platform.passwords["bootstrap_admin"])
        root = {caller.me["agency"]["code"]: caller.me["agency"]["id"]}
        first = await load.enter_past(caller, root)
        assert len(first) == 15
        assert await load.enter_past(caller, root) == first
        yield caller


async def on(admin, day=None, **asked):
    """Code → agency as it is listed."""
    return {each["code"]: each for each in await admin.every("agencies", LISTED, day=day, **asked)}


async def test_every_day_shows_the_units_that_there_were(admin):
    eve, between, after = [await on(admin, day) for day in (EVE, BETWEEN, AFTER)]
    former = {each.code for each in past.before()}
    assert former <= set(eve)
    below = {code for code, each in between.items() if (each["parent"] or {}).get("code") == CITY}
    assert len(below) == 21
    assert not former & set(after)
    assert {each.code for each in past.created() if each.parent == "H42"} <= set(after)
    today = await on(admin)
    assert not [code for code in today if code.startswith(past.PREFIX)]


async def test_an_old_name_finds_what_it_was_and_what_became_of_it(admin):
    [ward] = (await on(admin, search="Lộc Vượng", ended=True)).values()
    assert ward["successors"] == [{"successor": {"code": "H42.13666"}, "kind": "CONSOLIDATION"}]
    [gone] = (await on(admin, search="Thống Nhất", ended=True)).values()
    assert (gone["history"][-1]["validTo"], gone["successors"]) == ("2024-09-01", [])
    heir = (await on(admin, search="phường Nam Định"))["H42.13666"]
    came_from = {each["predecessor"]["shortName"] for each in heir["predecessors"]}
    assert came_from >= {"UBND phường Lộc Vượng", "UBND xã Mỹ Phúc"}
    assert len(came_from) == 8
