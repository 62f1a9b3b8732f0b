"""Act 11: three communes become one on a day that is still to come; everything they have goes on with it."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from client.gateway import File, Gateway, Refused, there
from client.generated.dossiers import DossierNow
from client.generated.enums import Attribution
from client.generated.inputs import (
    AgencyMergeInput,
    LegalBasisInput,
    NewAgencyInput,
    ReorganisationPreviewInput,
)
from client.generated.nonconformities import NonconformityNow
from contracts.documents.documents import DocumentKind
from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent, ProcedureStep
from demo.province import docx
from demo.province.procedures import DemoProcedure
from demo.story import founding
from demo.story.cast import PROVINCE, Command, Stage, until
from demo.story.reporting import chapter, expect, report

OLD = tuple(founding.OLD)
NEW, NEW_NAME = "H42.99001", "Ủy ban nhân dân phường Hợp nhất (tên trình diễn)"
BEFORE, DAY = date(2026, 11, 3), date(2026, 11, 16)
CODE, NUMBER = "QT-01", "0001/2026"
BASIS: LegalBasisInput = {
    "number": "1/NQ-TD (trình diễn)",
    "issued_on": date(2026, 10, 30),
    "issued_by": "Cơ quan có thẩm quyền (trình diễn)",
    "subject": "Sắp xếp ba đơn vị hành chính cấp xã (trình diễn)",
}


async def merging(stage: Stage) -> None:
    """11. Previewed, scheduled, applied when the clock passes the date, and read back as then and as now."""
    chapter("story_11")
    stage.clock_to(BEFORE)
    admin = await Gateway(stage.http).enter("quantri", stage.platform.passwords["bootstrap_admin"])
    ids = await founding.found(stage, admin)
    dossiers = [await _at_work(stage, code, ids[code]) for code in OLD]
    secretary = await founding.caller(stage, OLD[0], "secretary")
    raised = await secretary.raise_nonconformity(
        agency_id=ids[OLD[0]],
        severity="MINOR",
        description="Sổ theo dõi hồ sơ chưa ghi ngày trả.",
    )
    report("story_communes_work", code=CODE, number=NUMBER, nonconformity=raised["number"])
    new_id = str(uuid4())
    act = _act(ids, new_id)
    await _previewed(admin, act)
    await _applied_on_its_day(stage, admin, act)
    await _gone_on(stage, dossiers, raised)
    await _figures(admin, [new_id, *(ids[code] for code in OLD)])


async def _at_work(stage: Stage, code: str, agency_id: str) -> DossierNow:
    """A commune's procedure in force, written, reviewed and approved by three people; a dossier under it."""
    hands = {key: await founding.caller(stage, code, key) for key in founding.ROLES}
    counter = hands["counter"]
    given = a_procedure(code)
    upload = await counter.upload(agency_id, a_file(given, 1, BEFORE))
    named: dict[str, Any] = {"agency_id": agency_id, "kind": given.kind, "code": CODE, "title": given.title}
    document = await counter.create_document(**named, upload_id=upload, procedure=given.procedure)
    steps: tuple[tuple[str, Command, dict[str, Any]], ...] = (
        ("counter", Gateway.submit_revision, {}),
        ("secretary", Gateway.review_revision, {}),
        ("head", Gateway.approve_revision, {}),
        ("head", Gateway.issue_revision, {"effective_from": BEFORE}),
    )
    for key, command, more in steps:
        about: dict[str, Any] = {"document_id": document["id"], "expected_version": document["version"]}
        document = await command(hands[key], **about, **more)

    async def received() -> DossierNow | None:
        # The service of the dossiers hears of the procedure a moment after its issue.
        asked: dict[str, Any] = {"agency_id": agency_id, "number": NUMBER, "document_id": document["id"]}
        try:
            return await counter.register_dossier(**asked)
        except Refused as no:
            if no.problem["code"] == "procedure_not_found":
                return None
            raise

    found: DossierNow = await until(received, "registerDossier")
    return found


async def _previewed(admin: Gateway, act: ReorganisationPreviewInput) -> None:
    seen = await admin.reorganisation_preview(input=act)
    expect("story_preview_people", (seen["atOnce"], seen["peopleMoving"]), (False, 9), people=9)
    held: dict[str, int] = {
        each["kind"]: each["count"] for by in seen["elsewhere"] for each in by["counts"] or []
    }
    kinds = ("DOCUMENTS", "OPEN_DOSSIERS", "OPEN_NONCONFORMITIES")
    found = tuple(held.get(kind) for kind in kinds)
    expect("story_preview_things", found, (3, 3, 1), documents=3, dossiers=3, nonconformities=1)


async def _applied_on_its_day(stage: Stage, admin: Gateway, act: ReorganisationPreviewInput) -> None:
    done = await admin.reorganise(**act)
    stage.clock_to(DAY - timedelta(days=1))
    found = (done["state"], await _state(admin, done["id"]))
    expect("story_scheduled", found, ("SCHEDULED", "SCHEDULED"), day=f"{DAY:%d/%m/%Y}")
    stage.clock_to(DAY)

    async def applied() -> bool:
        return await _state(admin, done["id"]) == "APPLIED"

    await until(applied, "reorganisation")
    report("story_applied", day=f"{DAY:%d/%m/%Y}")


async def _gone_on(stage: Stage, before: list[DossierNow], raised: NonconformityNow) -> None:
    """Who worked in one of the three sees and does in the new one what all three had."""
    counter = await founding.caller(stage, OLD[1], "counter")
    expect("story_people_go_on", counter.me["agency"]["code"], NEW, agency=NEW_NAME)

    async def followed() -> dict[str, list[Any]] | None:
        seen: dict[str, Any] = {**await counter.work_gone_on()}
        rows = {name: [edge["node"] for edge in seen[name]["edges"]] for name in seen}
        return rows if [len(rows[name]) for name in rows] == [3, 3, 1] else None

    rows = await until(followed, "dossiers", 60)
    due = {each["id"]: each["dueAt"] for each in before}
    found = {each["id"]: each["dueAt"] for each in rows["dossiers"]}
    expect("story_dossiers_go_on", found, due, number=NUMBER)
    origin = sorted((each["receivedAgency"]["code"], each["agency"]["code"]) for each in rows["dossiers"])
    expect("story_received_by", origin, [(code, NEW) for code in OLD])
    codes = sorted((each["numberedIn"]["code"], each["code"]) for each in rows["documents"])
    expect("story_codes_stay", codes, [(code, CODE) for code in OLD], code=CODE)
    kept = [(each["id"], each["originAgency"]["code"]) for each in rows["nonconformities"]]
    expect("story_register_goes_on", kept, [(raised["id"], OLD[0])], number=raised["number"])
    other = next(each for each in rows["dossiers"] if each["receivedAgency"]["code"] == OLD[0])
    about: dict[str, Any] = {"dossier_id": other["id"], "expected_version": other["version"]}
    done = await counter.finish_dossier(**about)
    expect("story_others_dossier", done["status"], "FINISHED")


async def _figures(admin: Gateway, agency_ids: list[str]) -> None:
    """As now the three are one, as then each has its own."""

    async def figures(how: Attribution) -> dict[str, tuple[int, int, int]]:
        rows = await admin.standings(agency_ids=agency_ids, attribution=how)
        return {
            there(row["agency"])["code"]: (
                row["dossiersReceived"],
                row["dossiersFinished"],
                row["openNonconformities"],
            )
            for row in rows
        }

    now = await figures("AS_NOW")
    expect("story_as_now", now[NEW], (3, 1, 1), received=3, finished=1, open=1)
    then = await figures("AS_THEN")
    wanted = {NEW: (0, 1, 0), OLD[0]: (1, 0, 1), OLD[1]: (1, 0, 0), OLD[2]: (1, 0, 0)}
    expect("story_as_then", then, wanted, each=1)


async def _state(admin: Gateway, act_id: str) -> str:
    return next(each["state"] for each in await admin.reorganisations() if each["id"] == act_id)


def _act(ids: dict[str, str], new_id: str) -> ReorganisationPreviewInput:
    new: NewAgencyInput = {
        "id": new_id,
        "code": NEW,
        "name": NEW_NAME,
        "short_name": "UBND phường Hợp nhất",
        "kind": "commune",
        "parent_id": ids[PROVINCE],
    }
    merge: AgencyMergeInput = {"from_ids": [ids[code] for code in OLD], "into_id": new_id}
    return {"effective_on": DAY, "basis": BASIS, "creations": [new], "merges": [merge]}


def a_procedure(code: str) -> DemoProcedure:
    """The one procedure of a commune: a single step of twenty working days."""
    twenty = Duration(amount=20, unit=DurationUnit.WORKING_DAY)
    only = ProcedureStep(
        seq=1, number="B1", responsible="Công chức", content="Xem xét, trả lời", duration=twenty
    )
    return DemoProcedure(
        agency_code=code,
        kind=DocumentKind.PROCEDURE,
        code=CODE,
        title="Tiếp nhận và trả lời kiến nghị",
        summary="Tiếp nhận kiến nghị của người dân và trả lời trong 20 ngày làm việc.",
        basis="Quy định của đơn vị",
        procedure=ProcedureContent(legal_time=twenty, steps=[only]),
    )


def a_file(given: DemoProcedure, revision: int, effective: date) -> File:
    """The revision as a Word file."""
    content = docx.document(
        given, agency=given.agency_code, revision=revision, effective=f"{effective:%d/%m/%Y}"
    )
    return File(name=f"{CODE}-{revision:02}.docx", media_type=docx.MEDIA_TYPE, content=content)
