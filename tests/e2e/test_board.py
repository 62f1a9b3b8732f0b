"""The board's query on the whole platform: the province's head sees all agencies, a commune its own."""

from collections import Counter
from typing import Any

import pytest

from demo.province import province
from tests.e2e.conftest import COMMUNE, SignIn

pytestmark = pytest.mark.usefixtures("unharmed")

BOARD = """query { standings { dossiersReceived dossiersFinished agency { code } }
  dossierMonths(fromMonth: "2025-09-01", toMonth: "2026-08-31") { month received finished onTime late } }"""


def codes(board: dict[str, Any]) -> Counter[str]:
    return Counter(row["agency"]["code"] for row in board["standings"])


async def test_the_head_of_the_province_sees_every_agency_also_silent_ones(sign_in: SignIn) -> None:
    head = await sign_in(province.province().code, "head")
    board = await head.ask(BOARD)
    assert codes(board) == Counter(list(await head.agencies()))
    assert len(board["standings"]) > 1


async def test_a_commune_sees_itself_alone(sign_in: SignIn) -> None:
    secretary = await sign_in(COMMUNE, "secretary")
    assert codes(await secretary.ask(BOARD)) == {COMMUNE: 1}
