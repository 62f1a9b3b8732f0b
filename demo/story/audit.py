"""Act 8: the year's audit programme, one audit from outside, a finding, the nonconformity, the report."""

from datetime import date
from typing import Any

from client.gateway import Gateway
from client.generated.audits import AuditNow, ProgrammeNow
from demo.story import lateness
from demo.story.cast import AUDITORS, DEPARTMENT, PROVINCE, Stage, refusal
from demo.story.dossier import moment
from demo.story.reporting import chapter, expect, report

CLAUSES = ("7.5", "8.5", "10.2")
FROM, TO, REPORTED = date(2026, 10, 19), date(2026, 10, 20), "10-21T14:00"


async def auditing(stage: Stage) -> None:
    """8. Planned by the province, held by auditors from outside the department, reported by their lead."""
    chapter("story_8")
    programme = await _programme(stage)
    await _independence(stage, programme)
    audit = await _planned(stage, programme, await _person(stage, AUDITORS, "auditor"))
    report("story_audit_planned", first=f"{FROM:%d/%m}", last=f"{TO:%d/%m/%Y}")
    stage.clock_to(FROM)
    lead = await stage.hand(AUDITORS, "lead")
    audit = await lead.start_audit(**_about(audit))
    codes = [item["document"]["code"] for item in audit["checklist"] if item["document"]]
    found = (len(audit["checklist"]), codes)
    expect("story_checklist", found, (len(CLAUSES) + 1, ["QTTP-20"]), count=len(audit["checklist"]))
    await _finding(stage, audit)


async def _programme(stage: Stage) -> ProgrammeNow:
    """Drafted by the province's ISO secretary, approved by its head."""
    secretary, head = await stage.hand(PROVINCE, "secretary"), await stage.hand(PROVINCE, "head")
    made = await secretary.create_programme(
        agency_id=secretary.me["agency"]["id"],
        year=FROM.year,
        title=f"Chương trình đánh giá nội bộ năm {FROM.year}",
        objective="Xác định hệ thống quản lý chất lượng có phù hợp và được duy trì có hiệu lực hay không.",
    )
    about: dict[str, Any] = {"programme_id": made["id"], "expected_version": made["version"]}
    no = await refusal(secretary, Gateway.approve_programme, **about)
    expect("story_own_programme", no["__typename"], "ForbiddenProblem")
    approved = await head.approve_programme(**about)
    expect("story_programme", approved["state"], "APPROVED", year=FROM.year)
    return approved


async def _independence(stage: Stage, programme: ProgrammeNow) -> None:
    """The head of the department's own division is an auditor, but not of their own department."""
    insider = await _person(stage, DEPARTMENT, "division")
    lead = await stage.hand(AUDITORS, "lead")
    no = await refusal(lead, Gateway.plan_audit, **_plan(stage, programme, lead.me["person"]["id"], insider))
    expect("story_not_independent", (no["code"], no["field"]), ("auditor_not_independent", "auditorIds"))


async def _planned(stage: Stage, programme: ProgrammeNow, auditor: str) -> AuditNow:
    lead = await stage.hand(AUDITORS, "lead")
    return await lead.plan_audit(**_plan(stage, programme, lead.me["person"]["id"], auditor))


def _plan(stage: Stage, programme: ProgrammeNow, lead: str, auditor: str) -> dict[str, Any]:
    return {
        "programme_id": programme["id"],
        "agency_id": stage.department_id,
        "title": "Đánh giá nội bộ tại Sở Dân tộc và Tôn giáo",
        "framework": "tcvn-iso-9001:2015",
        "clauses": list(CLAUSES),
        "document_ids": [stage.document["id"]],
        "lead_auditor_id": lead,
        "auditor_ids": [auditor],
        "planned_from": FROM,
        "planned_to": TO,
    }


async def _finding(stage: Stage, audit: AuditNow) -> None:
    """Found by an auditor, turned into a nonconformity in one step, reported by the lead alone."""
    auditor, lead = await stage.hand(AUDITORS, "auditor"), await stage.hand(AUDITORS, "lead")
    audit = await auditor.record_finding(
        **_about(audit),
        clause="7.5",
        grade="MINOR",
        statement="Bản giấy của quy trình ở bộ phận tiếp nhận là bản đã hết hiệu lực.",
        evidence="Ngày 19/10/2026, tại quầy số 2: bản in lần 1, dù lần 2 có hiệu lực từ 01/09.",
        document_id=stage.document["id"],
    )
    [finding] = audit["findings"]
    audit = await auditor.raise_from_finding(**_about(audit), finding_id=finding["id"])
    [finding] = audit["findings"]
    raised = finding["nonconformity"]
    assert raised is not None
    found = (raised["source"], raised["findingId"])
    expect("story_finding_raised", found, ("FINDING", finding["id"]), number=raised["number"])
    numbers = [each["number"] for each in await lateness.register(stage)]
    expect("story_in_register", raised["number"] in numbers, True)
    stage.set_clock(moment(REPORTED))
    conclusion: dict[str, Any] = {
        "conclusion": "Hệ thống được duy trì; một điểm không phù hợp nhẹ về kiểm soát bản giấy."
    }
    no = await refusal(auditor, Gateway.report_audit, **_about(audit), **conclusion)
    expect("story_only_lead_reports", no["__typename"], "ForbiddenProblem")
    audit = await lead.report_audit(**_about(audit), **conclusion)
    expect("story_reported", audit["state"], "REPORTED", day=f"{moment(REPORTED):%d/%m/%Y}")


async def _person(stage: Stage, agency: str, key: str) -> str:
    return str((await stage.hand(agency, key)).me["person"]["id"])


def _about(audit: AuditNow) -> dict[str, Any]:
    return {"audit_id": audit["id"], "expected_version": audit["version"]}
