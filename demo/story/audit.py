"""Act 8: the year's audit programme, one audit from outside, a finding, the nonconformity, the report."""

from datetime import date
from typing import Any

from demo.story import lateness
from demo.story.cast import AUDITORS, DEPARTMENT, PROVINCE, Stage, refusal
from demo.story.dossier import moment
from demo.story.telling import chapter, expect, tell

PROGRAMME = "Programme { id version state }"
AUDIT = """Audit { id version state checklist { seq question document { code } }
  findings { id grade nonconformity { id number source findingId } } conclusion }"""
CLAUSES = ("7.5", "8.5", "10.2")
FROM, TO, REPORTED = date(2026, 10, 19), date(2026, 10, 20), "10-21T14:00"


async def auditing(stage: Stage) -> None:
    """8. Planned by the province, held by auditors from outside the department, reported by their lead."""
    chapter("story_8")
    programme = await _programme(stage)
    await _independence(stage, programme)
    audit = await _planned(stage, programme, await _person(stage, AUDITORS, "auditor"))
    tell("story_audit_planned", first=f"{FROM:%d/%m}", last=f"{TO:%d/%m/%Y}")
    stage.clock_to(FROM)
    lead = await stage.hand(AUDITORS, "lead")
    audit = await lead.do("startAudit", AUDIT, **_about(audit))
    codes = [item["document"]["code"] for item in audit["checklist"] if item["document"]]
    found = (len(audit["checklist"]), codes)
    expect("story_checklist", found, (len(CLAUSES) + 1, ["QTTP-20"]), count=len(audit["checklist"]))
    await _finding(stage, audit)


async def _programme(stage: Stage) -> dict[str, Any]:
    """Drafted by the province's ISO secretary, approved by its head."""
    secretary, head = await stage.hand(PROVINCE, "secretary"), await stage.hand(PROVINCE, "head")
    made = await secretary.do(
        "createProgramme",
        PROGRAMME,
        agencyId=secretary.me["agency"]["id"],
        year=FROM.year,
        title=f"Chương trình đánh giá nội bộ năm {FROM.year}",
        objective="Xác định hệ thống quản lý chất lượng có phù hợp và được duy trì có hiệu lực hay không.",
    )
    about = {"programmeId": made["id"], "expectedVersion": made["version"]}
    no = await refusal(secretary, "approveProgramme", PROGRAMME, **about)
    expect("story_own_programme", no["__typename"], "ForbiddenProblem")
    approved = await head.do("approveProgramme", PROGRAMME, **about)
    expect("story_programme", approved["state"], "APPROVED", year=FROM.year)
    return approved


async def _independence(stage: Stage, programme: dict[str, Any]) -> None:
    """The head of the department's own division is an auditor, but not of their own department."""
    insider = await _person(stage, DEPARTMENT, "division")
    lead = await stage.hand(AUDITORS, "lead")
    no = await refusal(lead, "planAudit", AUDIT, **_plan(stage, programme, lead.me["person"]["id"], insider))
    expect("story_not_independent", (no["code"], no["field"]), ("auditor_not_independent", "auditorIds"))


async def _planned(stage: Stage, programme: dict[str, Any], auditor: str) -> dict[str, Any]:
    lead = await stage.hand(AUDITORS, "lead")
    return await lead.do("planAudit", AUDIT, **_plan(stage, programme, lead.me["person"]["id"], auditor))


def _plan(stage: Stage, programme: dict[str, Any], lead: str, auditor: str) -> dict[str, Any]:
    return {
        "programmeId": programme["id"],
        "agencyId": stage.department_id,
        "title": "Đánh giá nội bộ tại Sở Dân tộc và Tôn giáo",
        "framework": "tcvn-iso-9001:2015",
        "clauses": list(CLAUSES),
        "documentIds": [stage.document["id"]],
        "leadAuditorId": lead,
        "auditorIds": [auditor],
        "plannedFrom": FROM,
        "plannedTo": TO,
    }


async def _finding(stage: Stage, audit: dict[str, Any]) -> None:
    """Found by an auditor, turned into a nonconformity in one step, reported by the lead alone."""
    auditor, lead = await stage.hand(AUDITORS, "auditor"), await stage.hand(AUDITORS, "lead")
    audit = await auditor.do(
        "recordFinding",
        AUDIT,
        **_about(audit),
        clause="7.5",
        grade="MINOR",
        statement="Bản giấy của quy trình ở bộ phận tiếp nhận là bản đã hết hiệu lực.",
        evidence="Ngày 19/10/2026, tại quầy số 2: bản in lần 1, dù lần 2 có hiệu lực từ 01/09.",
        documentId=stage.document["id"],
    )
    [finding] = audit["findings"]
    audit = await auditor.do("raiseFromFinding", AUDIT, **_about(audit), findingId=finding["id"])
    [finding] = audit["findings"]
    raised = finding["nonconformity"]
    found = (raised["source"], raised["findingId"])
    expect("story_finding_raised", found, ("FINDING", finding["id"]), number=raised["number"])
    numbers = [each["number"] for each in await lateness.register(stage)]
    expect("story_in_register", raised["number"] in numbers, True)
    stage.set_clock(moment(REPORTED))
    conclusion = {"conclusion": "Hệ thống được duy trì; một điểm không phù hợp nhẹ về kiểm soát bản giấy."}
    no = await refusal(auditor, "reportAudit", AUDIT, **_about(audit), **conclusion)
    expect("story_only_lead_reports", no["__typename"], "ForbiddenProblem")
    audit = await lead.do("reportAudit", AUDIT, **_about(audit), **conclusion)
    expect("story_reported", audit["state"], "REPORTED", day=f"{moment(REPORTED):%d/%m/%Y}")


async def _person(stage: Stage, agency: str, key: str) -> str:
    return str((await stage.hand(agency, key)).me["person"]["id"])


def _about(audit: dict[str, Any]) -> dict[str, Any]:
    return {"auditId": audit["id"], "expectedVersion": audit["version"]}
