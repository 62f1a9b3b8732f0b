"""One thing of each kind in the department, made by the services' own commands."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import urllib3

from contracts.directory.events import PositionChanged
from contracts.directory.roles import HeldRole, Role
from contracts.documents.documents import DocumentKind
from contracts.documents.events import RevisionIssued
from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent, ProcedureStep
from kernel.base import clock
from tests.integration.documents.conftest import DOCX, a_docx
from tests.integration.handing import handed_over
from tests.integration.rights.ground import Ground
from tests.integration.spoken import Spoken

Things = dict[str, UUID]
APPLICANT = "Đinh Thị Mẫu"


def documents(spoken: Spoken, ground: Ground) -> Things:
    """An issued document, a draft, and a file that is in no document yet."""
    at, author, reviewer, approver = ground.department, *(uuid4() for _ in range(3))
    hands = {who: ground.almighty(at, who) for who in (author, reviewer, approver)}
    issued = _a_document(spoken, hands[author], at)
    steps = {"submit": author, "review": reviewer, "approve": approver, "issue": approver}
    for step, who in steps.items():
        more = {"effective_from": clock.today()} if step == "issue" else {}
        about = {"document_id": issued["id"], "expected_version": issued["version"]}
        issued = spoken.ok(f"{step}_revision", hands[who], **about, **more)
    draft = _a_document(spoken, hands[author], at)
    asked = {"ids": [issued["id"]]}
    [revision] = spoken.ask("revisions_of", asked, hands[author])["ok"]
    made = {"document": issued["id"], "revision": revision["id"], "draft": draft["id"]}
    made |= {"draft_revision": draft["open_revision_id"], "upload": _an_upload(spoken, hands[author], at)}
    return {kind: UUID(id_) for kind, id_ in made.items()}


def _a_document(spoken: Spoken, token: str, at: UUID) -> Any:
    given = {"agency_id": at, "kind": "work_instruction", "title": "Hướng dẫn tiếp nhận"}
    code = f"HD-{uuid4().hex[:6]}"
    return spoken.ok("create_document", token, **given, code=code, upload_id=_an_upload(spoken, token, at))


def _an_upload(spoken: Spoken, token: str, at: UUID) -> str:
    body = a_docx()
    given = {"name": "huong-dan.docx", "media_type": DOCX, "size": len(body)}
    ticket = spoken.ok("reserve_upload", token, agency_id=at, sha256=sha256(body).hexdigest(), **given)
    put = urllib3.PoolManager().request("PUT", ticket["url"], body=body, headers=ticket["headers"])
    assert put.status == 200
    return str(spoken.ok("confirm_upload", token, upload_id=ticket["upload_id"])["id"])


def a_procedure(ground: Ground) -> RevisionIssued:
    """The department's procedure, as documents publishes it."""
    step = ProcedureStep(
        seq=1,
        number="B1",
        responsible="Chuyên viên",
        content="Xử lý",
        duration=Duration(amount=10, unit=DurationUnit.WORKING_DAY),
    )
    return RevisionIssued(
        document_id=uuid4(),
        revision_id=uuid4(),
        agency_id=ground.department,
        kind=DocumentKind.PROCEDURE,
        code="QTTP-20",
        title="Công nhận người có uy tín",
        number=1,
        effective_from=date(2025, 7, 1),
        issued_by=uuid4(),
        author_id=uuid4(),
        migrated_from_paper=False,
        procedure=ProcedureContent(tthc_code="1.012644", legal_time=None, steps=[step]),
    )


def cases(spoken: Spoken, ground: Ground) -> Things:
    """A procedure, a dossier under it, and a link."""
    procedure = a_procedure(ground)
    spoken.publish(procedure, procedure.document_id)
    dossier = spoken.ok(
        "register_dossier",
        ground.almighty(ground.department),
        agency_id=ground.department,
        number="H42-0001",
        document_id=procedure.document_id,
        applicant_name=APPLICANT,
    )
    link = spoken.ok(
        "link_agencies",
        ground.almighty(ground.department),
        agency_id=ground.department,
        receiving_agency_id=ground.sibling,
        basis="QĐ 01/QĐ-UBND",
        valid_from=clock.today(),
    )
    made = {"dossier": dossier["id"], "link": link["id"]}
    return {kind: UUID(id_) for kind, id_ in made.items()} | {"document": procedure.document_id}


def audits(spoken: Spoken, ground: Ground) -> Things:
    """A nonconformity, an approved programme, an audit under it and a management review."""
    at, auditor = ground.department, uuid4()
    token, another = ground.almighty(at), ground.almighty(at)
    procedure = a_procedure(ground)
    spoken.publish(procedure, procedure.document_id)
    spoken.publish(_a_lead_auditor(auditor, ground), uuid4())
    raised = spoken.ok(
        "raise_nonconformity", token, agency_id=at, severity="minor", description="Hồ sơ trả chậm"
    )
    programme = spoken.ok(
        "create_programme", token, agency_id=at, year=clock.today().year, title="Năm nay", objective="9.2"
    )
    spoken.ok("approve_programme", another, programme_id=programme["id"], expected_version=1)
    audit = spoken.ok(
        "plan_audit",
        token,
        programme_id=programme["id"],
        agency_id=at,
        title="Đánh giá",
        framework="tcvn-iso-9001:2015",
        clauses=["7.5"],
        lead_auditor_id=auditor,
        planned_from=clock.today(),
        planned_to=clock.today(),
    )
    days = {"period_from": date(2026, 1, 1), "period_to": date(2026, 6, 30), "held_on": date(2026, 7, 1)}
    review = spoken.ok("plan_review", token, agency_id=at, title="Xem xét", **days)
    made = {"nonconformity": raised, "programme": programme, "audit": audit, "review": review}
    known: Things = {kind: UUID(each["id"]) for kind, each in made.items()}
    handing = handed_over(uuid4(), uuid4(), agency_id=at)
    spoken.publish(handing, handing.hand_over_id)
    known["hand_over"] = handing.hand_over_id
    return known | {"document": procedure.document_id, "auditor": auditor}


def _a_lead_auditor(person_id: UUID, ground: Ground) -> PositionChanged:
    return PositionChanged(
        position_id=uuid4(),
        agency_id=ground.sibling,
        person_id=person_id,
        title="Trưởng đoàn",
        held_from=date(2025, 7, 1),
        held_to=None,
        roles=(HeldRole(role=Role.LEAD_AUDITOR, agency_id=ground.root, with_subtree=True),),
    )


SEEDS: dict[str, Callable[[Spoken, Ground], Things]] = {
    "documents": documents,
    "cases": cases,
    "audits": audits,
}
