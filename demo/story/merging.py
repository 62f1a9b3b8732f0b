"""Act 11: three communes become one on a day that is still to come; everything they have goes on with it."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from contracts.documents.documents import DocumentKind
from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent, ProcedureStep
from demo.province import docx
from demo.province.client import File, Gateway, Refused
from demo.province.procedures import DemoProcedure
from demo.story import founding
from demo.story.cast import PROVINCE, Stage, until
from demo.story.telling import chapter, expect, tell

OLD = tuple(founding.OLD)
NEW, NEW_NAME = "H42.99001", "Ủy ban nhân dân phường Hợp nhất (tên trình diễn)"
BEFORE, DAY = date(2026, 11, 3), date(2026, 11, 16)
CODE, NUMBER = "QT-01", "0001/2026"
BASIS = {
    "number": "1/NQ-TD (trình diễn)",
    "issuedOn": date(2026, 10, 30),
    "issuedBy": "Cơ quan có thẩm quyền (trình diễn)",
    "subject": "Sắp xếp ba đơn vị hành chính cấp xã (trình diễn)",
}
DOCUMENT = "Document { id version code }"
DOSSIER = "Dossier { id version number status dueAt }"
NONCONFORMITY = "Nonconformity { id version number }"


async def merging(stage: Stage) -> None:
    """11. Previewed, scheduled, applied when the clock passes the date, and read back as then and as now."""
    chapter("story_11")
    stage.clock_to(BEFORE)
    admin = await Gateway(stage.http).sign_in("quantri", stage.platform.passwords["bootstrap_admin"])
    ids = await founding.found(stage, admin)
    dossiers = [await _at_work(stage, code, ids[code]) for code in OLD]
    secretary = await founding.door(stage, OLD[0], "secretary")
    raised = await secretary.do(
        "raiseNonconformity",
        NONCONFORMITY,
        agencyId=ids[OLD[0]],
        severity="MINOR",
        description="Sổ theo dõi hồ sơ chưa ghi ngày trả.",
    )
    tell("story_communes_work", code=CODE, number=NUMBER, nonconformity=raised["number"])
    act = _act(ids)
    await _previewed(admin, act)
    await _applied_on_its_day(stage, admin, act)
    new_id = act["creations"][0]["id"]
    await _gone_on(stage, dossiers, raised)
    await _figures(admin, [new_id, *(ids[code] for code in OLD)])


async def _at_work(stage: Stage, code: str, agency_id: str) -> dict[str, Any]:
    """A commune's procedure in force, written, reviewed and approved by three people; a dossier under it."""
    hands = {key: await founding.door(stage, code, key) for key in founding.ROLES}
    counter = hands["counter"]
    given = a_procedure(code)
    upload = await counter.upload(agency_id, a_file(given, 1, BEFORE))
    named = {"agencyId": agency_id, "kind": given.kind, "code": CODE, "title": given.title}
    document = await counter.do(
        "createDocument", DOCUMENT, **named, uploadId=upload, procedure=given.procedure
    )
    for key, command, more in (
        ("counter", "submitRevision", {}),
        ("secretary", "reviewRevision", {}),
        ("head", "approveRevision", {}),
        ("head", "issueRevision", {"effectiveFrom": BEFORE}),
    ):
        about = {"documentId": document["id"], "expectedVersion": document["version"]}
        document = await hands[key].do(command, DOCUMENT, **about, **more)

    async def received() -> dict[str, Any] | None:
        # The service of the dossiers hears of the procedure a moment after its issue.
        asked = {"agencyId": agency_id, "number": NUMBER, "documentId": document["id"]}
        try:
            return await counter.do("registerDossier", DOSSIER, **asked)
        except Refused as no:
            if no.problem["code"] == "procedure_not_found":
                return None
            raise

    found: dict[str, Any] = await until(received, "registerDossier")
    return found


async def _previewed(admin: Gateway, act: dict[str, Any]) -> None:
    asked = """query($input: ReorganisationPreviewInput!) { reorganisationPreview(input: $input) {
      atOnce peopleMoving elsewhere { service counts { kind count } } } }"""
    seen = (await admin.ask(asked, input=act))["reorganisationPreview"]
    expect("story_preview_people", (seen["atOnce"], seen["peopleMoving"]), (False, 9), people=9)
    held = {each["kind"]: each["count"] for by in seen["elsewhere"] for each in by["counts"] or []}
    kinds = ("DOCUMENTS", "OPEN_DOSSIERS", "OPEN_NONCONFORMITIES")
    found = tuple(held.get(kind) for kind in kinds)
    expect("story_preview_things", found, (3, 3, 1), documents=3, dossiers=3, nonconformities=1)


async def _applied_on_its_day(stage: Stage, admin: Gateway, act: dict[str, Any]) -> None:
    done = await admin.do("reorganise", "Reorganisation { id state }", requestId=uuid4(), **act)
    stage.clock_to(DAY - timedelta(days=1))
    found = (done["state"], await _state(admin, done["id"]))
    expect("story_scheduled", found, ("SCHEDULED", "SCHEDULED"), day=f"{DAY:%d/%m/%Y}")
    stage.clock_to(DAY)

    async def applied() -> bool:
        return await _state(admin, done["id"]) == "APPLIED"

    await until(applied, "reorganisation")
    tell("story_applied", day=f"{DAY:%d/%m/%Y}")


async def _gone_on(stage: Stage, before: list[dict[str, Any]], raised: dict[str, Any]) -> None:
    """Who worked in one of the three sees and does in the new one what all three had."""
    counter = await founding.door(stage, OLD[1], "counter")
    expect("story_people_go_on", counter.me["agency"]["code"], NEW, agency=NEW_NAME)
    asked = """{ dossiers { edges { node { id version dueAt agency { code } receivedAgency { code } } } }
      documents { edges { node { code numberedIn { code } } } }
      nonconformities { edges { node { id originAgency { code } } } } }"""

    async def followed() -> dict[str, list[Any]] | None:
        seen = await counter.ask(asked)
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
    about = {"dossierId": other["id"], "expectedVersion": other["version"]}
    done = await counter.do("finishDossier", DOSSIER, **about)
    expect("story_others_dossier", done["status"], "FINISHED")


async def _figures(admin: Gateway, agency_ids: list[str]) -> None:
    """As now the three are one, as then each has its own."""
    asked = """query($ids: [UUID!], $how: Attribution) { standings(agencyIds: $ids, attribution: $how) {
      agency { code } dossiersReceived dossiersFinished openNonconformities } }"""

    async def figures(how: str) -> dict[str, tuple[int, ...]]:
        rows = (await admin.ask(asked, ids=agency_ids, how=how))["standings"]
        names = ("dossiersReceived", "dossiersFinished", "openNonconformities")
        return {row["agency"]["code"]: tuple(row[name] for name in names) for row in rows}

    now = await figures("AS_NOW")
    expect("story_as_now", now[NEW], (3, 1, 1), received=3, finished=1, open=1)
    then = await figures("AS_THEN")
    wanted = {NEW: (0, 1, 0), OLD[0]: (1, 0, 1), OLD[1]: (1, 0, 0), OLD[2]: (1, 0, 0)}
    expect("story_as_then", then, wanted, each=1)


async def _state(admin: Gateway, act_id: str) -> str:
    asked = "query { reorganisations(first: 5) { edges { node { id state } } } }"
    edges = (await admin.ask(asked))["reorganisations"]["edges"]
    return str(next(edge["node"]["state"] for edge in edges if edge["node"]["id"] == act_id))


def _act(ids: dict[str, str]) -> dict[str, Any]:
    new = {
        "id": str(uuid4()),
        "code": NEW,
        "name": NEW_NAME,
        "shortName": "UBND phường Hợp nhất",
        "kind": "commune",
        "parentId": ids[PROVINCE],
    }
    merge = {"fromIds": [ids[code] for code in OLD], "intoId": new["id"]}
    return {"effectiveOn": DAY, "basis": BASIS, "creations": [new], "merges": [merge]}


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
    """It as a Word file."""
    content = docx.document(
        given, agency=given.agency_code, revision=revision, effective=f"{effective:%d/%m/%Y}"
    )
    return File(name=f"{CODE}-{revision:02}.docx", media_type=docx.MEDIA_TYPE, content=content)
