"""Audits by the province's auditors, and each agency's management review."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from client.caller import camel
from client.gateway import Gateway, Refused
from client.generated.audits import AuditNow, ProgrammeNow, Programmes
from client.generated.reviews import ReviewNow
from demo.lived.hands import People
from demo.lived.papers import PATIENCE, PAUSE, Stuck, documents_of, once
from demo.lived.quality import AUDITORS_OF, AuditPlan, Found, ReviewPlan
from demo.province.province import Agency

T = TypeVar("T")
AuditStep = Callable[..., Awaitable[AuditNow]]
ReviewStep = Callable[..., Awaitable[ReviewNow]]
FRAMEWORK = "tcvn-iso-9001:2015"
NONCONFORMING = ("minor", "major")
NOT_HEARD_YET = {"procedure_not_of_agency", "owner_not_of_agency"}


async def approve_programmes(people: People, years: list[int]) -> dict[int, str]:
    """The province's audit programme of each year, drafted by the lead auditor, approved by the director."""
    lead, director = await people.caller(AUDITORS_OF, "lead"), await people.caller(AUDITORS_OF, "head")
    agency_id = people.agencies[AUDITORS_OF]
    known: dict[int, ProgrammeNow | Programmes] = {
        each["year"]: each for each in await lead.programmes(agency_id=agency_id)
    }
    for year in years:
        if year not in known:
            known[year] = await _draft(lead, agency_id, year)
        if known[year]["state"] == "DRAFT":
            await director.approve_programme(
                request_id=once("approve programme", str(year)),
                programme_id=known[year]["id"],
                expected_version=known[year]["version"],
            )
    return {year: each["id"] for year, each in known.items()}


async def _draft(lead: Gateway, agency_id: str, year: int) -> ProgrammeNow:
    return await lead.create_programme(
        request_id=once("programme", str(year)),
        agency_id=agency_id,
        year=year,
        title=f"Chương trình đánh giá hệ thống quản lý chất lượng các cơ quan trong tỉnh năm {year}",
        objective="Xem hệ thống có được duy trì, phù hợp và có hiệu lực ở từng cơ quan; mỗi cơ quan một lần.",
    )


async def hold_audit(people: People, agency: Agency, planned: AuditPlan, programme_id: str) -> None:
    """From plan to report, as far as it has come."""
    lead, auditor = await people.caller(AUDITORS_OF, "lead"), await people.caller(AUDITORS_OF, "auditor")
    documents = await documents_of(lead, people.agencies[agency.code])
    it = await _patiently(
        lead,
        Gateway.plan_audit,
        agency.code,
        programme_id=programme_id,
        agency_id=people.agencies[agency.code],
        title=f"Đánh giá hệ thống quản lý chất lượng tại {agency.short_name} năm {planned.planned_from.year}",
        framework=FRAMEWORK,
        clauses=planned.clauses,
        document_ids=[documents[code] for code in planned.procedures],
        lead_auditor_id=lead.me["person"]["id"],
        auditor_ids=[auditor.me["person"]["id"]],
        planned_from=planned.planned_from,
        planned_to=planned.planned_to,
    )
    if planned.reported_on is None:
        return
    it = await _on(lead, Gateway.start_audit, it, agency.code)
    for place, found in enumerate(planned.findings):
        it = await _record(auditor, it, found, documents, f"{agency.code}:{place}")
    report = {"conclusion": planned.conclusion, "reported_on": planned.reported_on}
    await _on(lead, Gateway.report_audit, it, agency.code, **report)


async def _record(
    auditor: Gateway, it: AuditNow, found: Found, documents: Mapping[str, str], name: str
) -> AuditNow:
    it = await _on(
        auditor,
        Gateway.record_finding,
        it,
        name,
        clause=found.clause,
        grade=found.grade,
        statement=found.statement,
        evidence=found.evidence,
        document_id=documents[found.procedure] if found.procedure else None,
    )
    if found.grade.value not in NONCONFORMING:
        return it
    return await _on(auditor, Gateway.raise_from_finding, it, name, finding_id=it["findings"][-1]["id"])


async def _on(caller: Gateway, command: AuditStep, it: AuditNow, name: str, **given: Any) -> AuditNow:
    about = {"audit_id": it["id"], "expected_version": it["version"]}
    request_id = once(camel(command.__name__), name)
    return await command(caller, request_id=request_id, **about, **given)


async def hold_review(people: People, agency: Agency, planned: ReviewPlan) -> None:
    """Planned, its inputs frozen, decided, some of it done; concluded by the head."""
    hands = await people.hands(agency)

    async def do(part: str, command: ReviewStep, it: ReviewNow | None, name: str, **given: Any) -> ReviewNow:
        about: dict[str, Any] = {"review_id": it["id"], "expected_version": it["version"]} if it else {}
        return await _patiently(hands[part], command, f"{agency.code}:{name}", **about, **given)

    it = await do(
        "secretary",
        Gateway.plan_review,
        None,
        "",
        agency_id=people.agencies[agency.code],
        title=planned.title,
        period_from=planned.period_from,
        period_to=planned.period_to,
        held_on=planned.held_on,
    )
    notes = [{"clause": clause, "text": words} for clause, words in planned.notes]
    it = await do("secretary", Gateway.freeze_inputs, it, "", notes=notes)
    owner = hands["owner"].me["person"]["id"]
    for place, task in enumerate(planned.tasks):
        decided = {"decision": task.decision, "owner_id": owner, "due_on": task.due_on}
        it = await do("secretary", Gateway.record_decision, it, str(place), **decided)
    for place, task in enumerate(planned.tasks):
        if task.done_note is not None:
            done = {"task_id": it["tasks"][place]["id"], "note": task.done_note}
            it = await do("owner", Gateway.complete_task, it, str(place), **done)
    if planned.conclusion is not None:
        await do("head", Gateway.conclude_review, it, "", conclusion=planned.conclusion, is_effective=True)


async def _patiently(caller: Gateway, command: Callable[..., Awaitable[T]], name: str, **given: Any) -> T:
    """Once more while others' facts have not got round; a refusal is kept, so each try is a new request."""
    for attempt in range(PATIENCE):
        try:
            request_id = once(camel(command.__name__), name, str(attempt))
            return await command(caller, request_id=request_id, **given)
        except Refused as no:
            if no.problem["code"] not in NOT_HEARD_YET:
                raise
        await asyncio.sleep(PAUSE)
    raise Stuck(f"{camel(command.__name__)} {name}")
