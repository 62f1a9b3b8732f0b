"""Bad input about the work itself, through the gateway: a clear refusal, and nothing half done."""

import json
from datetime import timedelta

import pytest
import pytest_asyncio

from demo.province.procedures import read
from demo.story.cast import OPENING
from tests.e2e.asking import an_approved, command, is_clear, once_known, to_issue
from tests.e2e.conftest import COMMUNE, DEPARTMENT, a_client, enter

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOSSIER = "Dossier { id version stepSeq status steps { seq status } pauses { reason } }"
AUDIT = "Audit { id }"
NOBODY = "00000000-0000-0000-0000-000000000001"


class Work:
    """A department with a procedure in force and a dossier under it."""

    def __init__(self, http, callers) -> None:
        self.http, self.callers = http, callers
        self.document = self.dossier = None

    @property
    def agency(self) -> str:
        return self.callers["counter"].me["agency"]["id"]

    async def begin(self) -> None:
        procedure = read("van_ban_den").procedure
        hands = (self.callers[key] for key in ("secretary", "division", "deputy"))
        draft = await an_approved(*hands, kind="PROCEDURE", procedure=procedure)
        issued = to_issue(draft)
        self.document = await self.callers["head"].do("issueRevision", "Document { id }", **issued)
        self.dossier = await once_known(lambda: self.registered("H42.008-0001"))

    async def registered(self, number, **changes):
        return await self.callers["counter"].do(
            "registerDossier", DOSSIER, **self.application(number, **changes)
        )

    def application(self, number="H42.008-0002", **changes):
        given = {"agencyId": self.agency, "documentId": self.document["id"]}
        return given | {"number": number} | changes

    async def refused(self, name, wanted=DOSSIER, by="counter", **given):
        """The refusal of a command, clear in both languages; its code and field."""
        answer = await command(self.callers[by], self.http, name, wanted, **given)
        assert answer["__typename"].endswith("Problem"), answer
        is_clear(answer)
        return answer["code"], answer["field"]

    async def refused_about(self, dossier, name, **given):
        """The same about a dossier, which afterwards is as it was."""
        known = {"dossierId": dossier["id"], "expectedVersion": dossier["version"]}
        no = await self.refused(name, **known, **given)
        assert await self.now(dossier) == dossier
        return no

    async def now(self, dossier):
        shape = DOSSIER.removeprefix("Dossier ")
        asked = f"query($id: UUID!) {{ dossier(id: $id) {shape} }}"
        found = (await self.callers["counter"].ask(asked, id=dossier["id"]))["dossier"]
        return {"__typename": "Dossier", **found}

    async def acted(self, dossier, name, **given):
        known = {"dossierId": dossier["id"], "expectedVersion": dossier["version"]}
        return await self.callers["counter"].do(name, DOSSIER, **known, **given)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def work(platform):
    async with a_client(platform) as http:
        keys = ("counter", "secretary", "division", "deputy", "head", "lead", "auditor")
        callers = {key: await enter(platform, http, DEPARTMENT, key) for key in keys}
        callers["commune"] = await enter(platform, http, COMMUNE, "counter")
        work = Work(http, callers)
        await work.begin()
        yield work
        # An open dossier would become late when others move the clock on.
        await work.acted(await work.now(work.dossier), "stopDossier", reason="Kết thúc phép thử")


RECEIPTS = [
    ({"receivedAt": (OPENING + timedelta(days=1)).isoformat()}, "moment_in_the_future", "receivedAt"),
    ({"receivedAt": (OPENING - timedelta(days=9)).isoformat()}, "procedure_not_in_force_then", "receivedAt"),
    ({"documentId": None, "tthcCode": "9.999999"}, "tthc_unknown", "tthcCode"),
    ({"documentId": NOBODY}, "procedure_not_found", "documentId"),
    ({"documentId": None}, "procedure_not_named", "documentId"),
    ({"number": "H42.008-0001"}, "dossier_number_taken", "number"),
    ({"blocks": [{"block": "Khối không có", "agencyId": NOBODY}]}, "agency_unknown", "blocks"),
]


@pytest.mark.parametrize(("changes", "code", "field"), RECEIPTS, ids=[code for _, code, _ in RECEIPTS])
async def test_what_cannot_be_received_is_refused(work, changes, code, field):
    no = await work.refused("registerDossier", **work.application(**changes))
    assert no == (code, field)


async def test_steps_out_of_order_and_a_second_hand_over_are_refused(work):
    dossier = work.dossier
    assert await work.refused_about(dossier, "handOver", step=5) == ("step_is_not_current", "step")
    assert (await work.refused_about(dossier, "acknowledgeHandOver", step=1))[0] == "nothing_to_acknowledge"
    assert (await work.refused_about(dossier, "finishDossier"))[0] == "steps_remain"
    assert (await work.refused_about(dossier, "returnStep", step=1, reason="Thiếu"))[
        0
    ] == "step_has_no_return"
    dossier = await work.acted(dossier, "handOver", step=1)
    assert (await work.refused_about(dossier, "handOver", step=1))[0] == "step_is_not_current"
    assert (await work.refused_about(dossier, "handOver", step=2))[0] == "hand_over_not_acknowledged"


async def test_a_pause_of_what_is_paused_or_has_ended_is_refused(work):
    dossier = await work.registered("H42.008-0003")
    assert (await work.refused_about(dossier, "resumeDossier"))[0] == "not_paused"
    no = await work.refused_about(dossier, "pauseDossier", reason="holiday")
    assert no == ("pause_reason_unknown", "reason")
    paused = await work.acted(dossier, "pauseDossier", reason="supplement")
    assert (await work.refused_about(paused, "pauseDossier", reason="supplement"))[0] == "already_paused"
    assert (await work.refused_about(paused, "handOver", step=1))[0] == "dossier_is_paused"
    ended = await work.acted(paused, "stopDossier", reason="Người nộp rút hồ sơ")
    assert (await work.refused_about(ended, "pauseDossier", reason="supplement"))[0] == "dossier_has_ended"
    assert (await work.refused_about(ended, "stopDossier", reason="Rút"))[0] == "dossier_has_ended"


async def test_a_stranger_gets_the_answer_of_what_does_not_exist(work):
    about = {"expectedVersion": 1, "reason": "supplement"}
    theirs = await work.refused("pauseDossier", by="commune", dossierId=work.dossier["id"], **about)
    nothing = await work.refused("pauseDossier", by="commune", dossierId=NOBODY, **about)
    assert theirs == nothing == ("dossier_not_found", "dossierId")


async def test_malformed_lines_of_a_sync_are_named_and_the_good_ones_taken(work):
    received = OPENING.isoformat()
    good = {"number": "DB-1", "status": "finished"}
    good |= dict.fromkeys(("received_at", "changed_at", "finished_at"), received)
    good["document_code"] = await _code(work)
    bad = ["{", '"chữ"', json.dumps(good | {"number": "DB-2", "status": "xong"}), "[]", "null"]
    lines = "\n".join([*bad, json.dumps(good)])
    shape = "SyncReport { created refused verdicts { line verdict code field vi en remedyVi } }"
    given = {"agencyId": work.agency, "lines": lines}
    report = await work.callers["counter"].do("upsertDossiers", shape, **given)
    assert (report["created"], report["refused"]) == (1, len(bad))
    for verdict in report["verdicts"][: len(bad)]:
        assert verdict["code"]
        assert verdict["vi"]
        assert verdict["en"]
        assert verdict["remedyVi"]


async def _code(work) -> str:
    asked = "query($id: UUID!) { document(id: $id) { code } }"
    return (await work.callers["counter"].ask(asked, id=work.document["id"]))["document"]["code"]


async def test_an_audit_without_scope_or_without_auditors_from_outside_is_refused(work):
    programme = await work.callers["secretary"].do(
        "createProgramme",
        "Programme { id version }",
        agencyId=work.agency,
        year=2026,
        title="Chương trình đánh giá",
        objective="Đánh giá sự phù hợp",
    )
    about = {"programmeId": programme["id"], "expectedVersion": programme["version"]}
    await work.callers["head"].do("approveProgramme", "Programme { id }", **about)
    lead, outsider = (work.callers[key].me["person"]["id"] for key in ("lead", "commune"))
    plan = {
        "programmeId": programme["id"],
        "agencyId": work.callers["commune"].me["agency"]["id"],
        "title": "Đánh giá phường",
        "framework": "tcvn-iso-9001:2015",
        "leadAuditorId": lead,
        "plannedFrom": OPENING.date(),
        "plannedTo": OPENING.date(),
    }
    for changes, code, field in (
        ({}, "audit_without_scope", "clauses"),
        ({"clauses": ["99.9"]}, "clause_unknown", "clauses"),
        ({"clauses": ["8.5"], "leadAuditorId": outsider}, "not_an_auditor", "leadAuditorId"),
        ({"clauses": ["8.5"], "agencyId": work.agency}, "auditor_not_independent", "leadAuditorId"),
        ({"clauses": ["8.5"], "plannedTo": "2026-08-01"}, "period_backwards", "plannedTo"),
    ):
        assert await work.refused("planAudit", AUDIT, by="lead", **(plan | changes)) == (code, field)
    asked = "query($id: UUID) { audits(agencyId: $id) { edges { node { id } } } }"
    found = await work.callers["lead"].ask(asked, id=plan["agencyId"])
    assert found["audits"]["edges"] == []
