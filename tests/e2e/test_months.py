"""The months of the board on the whole platform: they add up to what was finished, and each sees its own."""

import json
from uuid import uuid4

from demo.province import province
from demo.province.procedures import read
from demo.story.cast import OPENING
from tests.e2e.asking import an_approved, to_issue
from tests.e2e.conftest import COMMUNE, DEPARTMENT, SignIn, eventually
from tests.e2e.test_board import BOARD


async def a_finished_dossier(sign_in: SignIn) -> None:
    """At the department, under a procedure of its own, as another system reports it."""
    keys = ("secretary", "division", "deputy", "head", "counter")
    *hands, head, counter = [await sign_in(DEPARTMENT, key) for key in keys]
    draft = await an_approved(*hands, kind="PROCEDURE", procedure=read("van_ban_den").procedure)
    await head.do("issueRevision", "Document { id }", **to_issue(draft))
    moment = OPENING.isoformat()
    line = {"number": f"B-{uuid4().hex[:8]}", "document_code": draft["code"], "status": "finished"}
    line |= dict.fromkeys(("received_at", "changed_at", "finished_at"), moment)
    given = {"agencyId": counter.me["agency"]["id"], "lines": json.dumps(line)}

    async def is_taken() -> bool:
        report = await counter.do("upsertDossiers", "SyncReport { created }", **given)
        return bool(report["created"])

    await eventually(is_taken)


async def test_every_month_is_there_and_the_months_add_up_to_what_was_finished(sign_in: SignIn) -> None:
    await a_finished_dossier(sign_in)
    for agency in (province.province().code, COMMUNE):
        board = await (await sign_in(agency, "head")).ask(BOARD)
        months = board["dossierMonths"]
        assert [month["month"] for month in months][::11] == ["2025-09-01", "2026-08-01"]
        assert len(months) == 12
        finished = sum(month["finished"] for month in months)
        assert finished == sum(month["onTime"] + month["late"] for month in months)
        assert finished == sum(row["dossiersFinished"] for row in board["standings"])
        assert (finished > 0) == (agency != COMMUNE)
