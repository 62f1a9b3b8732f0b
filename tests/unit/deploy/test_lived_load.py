"""The load against a gateway that answers late, not at all, or only part of what it waits for."""

import asyncio
import json
from datetime import date

import httpx
import pytest

from client import caller
from contracts.messages import text
from demo.lived import job, plan, register
from demo.lived.journal import Journal, Progress
from deploy.local.instance import Instance
from tests.client import Gateway

MINE, OTHERS = "mine", "others"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(caller, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(register, "PAUSE", 0)


def gateway_to(answer, **changes) -> Gateway:
    """A gateway behind which `answer` makes the data out of what was asked."""

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": answer(json.loads(request.content))})

    http = httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="http://gateway")
    return Gateway(http, **changes)


def a_page(name, nodes, *, cursor=None):
    page = {"hasNextPage": cursor is not None, "endCursor": cursor}
    return {name: {"edges": [{"node": node} for node in nodes], "pageInfo": page}}


async def test_all_agencies_are_found_page_by_page():
    def answer(asked):
        place = int(asked["variables"].get("after") or 0)
        nodes = [{"code": f"H{place}", "id": str(place)}]
        return a_page("agencies", nodes, cursor=str(place + 1) if place < 2 else None)

    assert await gateway_to(answer).agencies() == {"H0": "0", "H1": "1", "H2": "2"}


def silent(times: int, seen: list):
    def answer(asked):
        seen.append(asked["variables"]["input"]["requestId"])
        if len(seen) <= times:
            raise httpx.ReadTimeout("")
        return {"answer": {"__typename": "Document", "id": "1"}}

    return answer


async def test_a_command_that_got_no_answer_is_sent_again_as_the_same_request():
    seen = []
    entered = gateway_to(silent(2, seen), tries=3).as_one_with("grant", None)
    assert (await entered.do("createDocument", "Document { id }"))["id"] == "1"
    assert len(seen) == 3
    assert len(set(seen)) == 1


@pytest.mark.parametrize("tries", [1, 3])
async def test_a_command_is_not_sent_for_ever(tries):
    seen = []
    with pytest.raises(httpx.ReadTimeout):
        await gateway_to(silent(9, seen), tries=tries).do("createDocument", "Document { id }")
    assert len(seen) == tries


@pytest.fixture
def loading(tmp_path):
    instance = Instance(name="x", folder=tmp_path / "x")
    instance.make()
    began = date(2026, 11, 22)
    plans = [plan.of(agency, began) for agency in plan.agencies()[:6]]
    return job._Load(None, plans, began, Journal(instance), Progress(instance))


async def test_an_agency_that_gets_no_answer_is_left_out_and_the_others_go_on(loading, capsys):
    codes = [planned.agency.code for planned in loading.plans]

    async def step(planned):
        await asyncio.sleep(0)
        if planned.agency.code == codes[0]:
            raise httpx.ReadTimeout("")

    await loading._phase("documents", step)
    assert set(loading.failures) == {codes[0]}
    assert [loading.journal.is_done("documents", code) for code in codes] == [False, *[True] * 5]
    assert f"{codes[0]} không nạp được: ReadTimeout" in capsys.readouterr().err


def a_dossier(*, synced=True, status="FINISHED", overdue=False, outcome=None, decides=MINE):
    found = {"isSynced": synced, "status": status, "isOverdue": overdue, "outcome": outcome}
    return found | {"competentAgency": {"id": decides}}


def an_entry(step: str, occurrences: int):
    said = text("overdue_group", step=step, code="QT", title="t", month="11/2026", number="1").vi
    return {"source": "OVERDUE", "description": said, "occurrences": occurrences}


async def test_lateness_of_steps_does_not_end_the_waiting_for_that_of_dossiers():
    dossiers = [
        a_dossier(outcome="LATE"),
        a_dossier(status="PROCESSING", overdue=True),
        a_dossier(outcome="ON_TIME"),
        a_dossier(status="STOPPED", overdue=True),
        a_dossier(outcome="LATE", decides=OTHERS),
        a_dossier(synced=False, status="PROCESSING", overdue=True),
    ]
    whole = text("whole_procedure").vi
    registers = [[an_entry("Bước 2", 5)], [an_entry("Bước 2", 5), an_entry(whole, 1)]]
    registers.append([*registers[0], an_entry(whole, 2)])
    looks = iter(registers)

    def answer(asked):
        if "DossiersOf" in asked["query"]:
            return a_page("dossiers", dossiers)
        return a_page("nonconformities", next(looks))

    assert await register._all_arisen(gateway_to(answer), MINE) == registers[-1]
    assert next(looks, None) is None
