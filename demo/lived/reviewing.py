"""Audits by the province's auditors, and each agency's management review."""

import asyncio
from collections.abc import Mapping
from typing import Any

from demo.lived.hands import People
from demo.lived.papers import PATIENCE, PAUSE, Stuck, documents_of, once
from demo.lived.quality import AUDITORS_OF, AuditPlan, Found, ReviewPlan
from demo.province.client import Gateway, Refused
from demo.province.province import Agency

FRAMEWORK = "tcvn-iso-9001:2015"
AUDIT = "Audit { id version findings { id } }"
REVIEW = "Review { id version tasks { id state } }"
NONCONFORMING = ("minor", "major")
NOT_HEARD_YET = {"procedure_not_of_agency", "owner_not_of_agency"}


async def approve_programmes(people: People, years: list[int]) -> dict[int, str]:
    """The province's audit programme of each year, drafted by the lead auditor, approved by the director."""
    lead, director = await people.door(AUDITORS_OF, "lead"), await people.door(AUDITORS_OF, "head")
    agency_id = people.agencies[AUDITORS_OF]
    query = "query($id: UUID!) { programmes(agencyId: $id) { id year state version } }"
    known = {each["year"]: each for each in (await lead.ask(query, id=agency_id))["programmes"]}
    for year in years:
        if year not in known:
            known[year] = await _draft(lead, agency_id, year)
        if known[year]["state"] == "DRAFT":
            await director.do(
                "approveProgramme",
                "Programme { id }",
                requestId=once("approve programme", str(year)),
                programmeId=known[year]["id"],
                expectedVersion=known[year]["version"],
            )
    return {year: each["id"] for year, each in known.items()}


async def _draft(lead: Gateway, agency_id: str, year: int) -> dict[str, Any]:
    return await lead.do(
        "createProgramme",
        "Programme { id version state }",
        requestId=once("programme", str(year)),
        agencyId=agency_id,
        year=year,
        title=f"Chương trình đánh giá hệ thống quản lý chất lượng các cơ quan trong tỉnh năm {year}",
        objective="Xem hệ thống có được duy trì, phù hợp và có hiệu lực ở từng cơ quan; mỗi cơ quan một lần.",
    )


async def hold_audit(people: People, agency: Agency, planned: AuditPlan, programme_id: str) -> None:
    """From plan to report, as far as it has come."""
    lead, auditor = await people.door(AUDITORS_OF, "lead"), await people.door(AUDITORS_OF, "auditor")
    documents = await documents_of(lead, people.agencies[agency.code])
    it = await _patiently(
        lead,
        "planAudit",
        AUDIT,
        agency.code,
        programmeId=programme_id,
        agencyId=people.agencies[agency.code],
        title=f"Đánh giá hệ thống quản lý chất lượng tại {agency.short_name} năm {planned.planned_from.year}",
        framework=FRAMEWORK,
        clauses=planned.clauses,
        documentIds=[documents[code] for code in planned.procedures],
        leadAuditorId=lead.me["person"]["id"],
        auditorIds=[auditor.me["person"]["id"]],
        plannedFrom=planned.planned_from,
        plannedTo=planned.planned_to,
    )
    if planned.reported_on is None:
        return
    it = await _on(lead, "startAudit", it, agency.code)
    for place, found in enumerate(planned.findings):
        it = await _record(auditor, it, found, documents, f"{agency.code}:{place}")
    report = {"conclusion": planned.conclusion, "reportedOn": planned.reported_on}
    await _on(lead, "reportAudit", it, agency.code, **report)


async def _record(
    auditor: Gateway, it: dict[str, Any], found: Found, documents: Mapping[str, str], name: str
) -> dict[str, Any]:
    it = await _on(
        auditor,
        "recordFinding",
        it,
        name,
        clause=found.clause,
        grade=found.grade,
        statement=found.statement,
        evidence=found.evidence,
        documentId=documents[found.procedure] if found.procedure else None,
    )
    if found.grade.value not in NONCONFORMING:
        return it
    return await _on(auditor, "raiseFromFinding", it, name, findingId=it["findings"][-1]["id"])


async def _on(door: Gateway, command: str, it: dict[str, Any], name: str, **given: Any) -> dict[str, Any]:
    about = {"auditId": it["id"], "expectedVersion": it["version"]}
    return await door.do(command, AUDIT, requestId=once(command, name), **about, **given)


async def hold_review(people: People, agency: Agency, planned: ReviewPlan) -> None:
    """Planned, its inputs frozen, decided, some of it done; concluded by the head."""
    hands = await people.hands(agency)

    async def do(part: str, command: str, it: dict[str, Any] | None, name: str, **given: Any) -> Any:
        about = {"reviewId": it["id"], "expectedVersion": it["version"]} if it else {}
        return await _patiently(hands[part], command, REVIEW, f"{agency.code}:{name}", **about, **given)

    it = await do(
        "secretary",
        "planReview",
        None,
        "",
        agencyId=people.agencies[agency.code],
        title=planned.title,
        periodFrom=planned.period_from,
        periodTo=planned.period_to,
        heldOn=planned.held_on,
    )
    notes = [{"clause": clause, "text": words} for clause, words in planned.notes]
    it = await do("secretary", "freezeInputs", it, "", notes=notes)
    owner = hands["owner"].me["person"]["id"]
    for place, task in enumerate(planned.tasks):
        decided = {"decision": task.decision, "ownerId": owner, "dueOn": task.due_on}
        it = await do("secretary", "recordDecision", it, str(place), **decided)
    for place, task in enumerate(planned.tasks):
        if task.done_note is not None:
            done = {"taskId": it["tasks"][place]["id"], "note": task.done_note}
            it = await do("owner", "completeTask", it, str(place), **done)
    if planned.conclusion is not None:
        await do("head", "concludeReview", it, "", conclusion=planned.conclusion, isEffective=True)


async def _patiently(door: Gateway, command: str, wanted: str, name: str, **given: Any) -> dict[str, Any]:
    """Once more while others' facts have not got round; a refusal is kept, so each try is a new request."""
    for attempt in range(PATIENCE):
        try:
            return await door.do(command, wanted, requestId=once(command, name, str(attempt)), **given)
        except Refused as no:
            if no.problem["code"] not in NOT_HEARD_YET:
                raise
        await asyncio.sleep(PAUSE)
    raise Stuck(f"{command} {name}")
