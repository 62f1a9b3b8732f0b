"""Entries of an agency's register, with the people who deal with them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from contracts.audits.nonconformities import NonconformitySource, Severity
from contracts.audits.programmes import Grade, ProgrammeState
from org.acted import Acted
from services.audits.nonconformities.domain import CorrectiveAction, Nonconformity
from services.audits.programmes.domain import Audit, Finding, Programme
from services.audits.reviews.domain import Review, ReviewTask

TODAY = date(2026, 8, 10)
NOW = datetime(2026, 8, 10, 1, tzinfo=UTC)
DAY = timedelta(days=1)
AGENCY, OWNER, LEAD, AUDITOR, SOMEBODY = (uuid4() for _ in range(5))


def hand(person: UUID | None = SOMEBODY, on_behalf_of: UUID | None = None) -> Acted:
    return Acted(person_id=person, at=NOW, on_behalf_of=on_behalf_of)


def a_nonconformity(**changes) -> Nonconformity:
    given = {
        "id": uuid4(),
        "agency_id": AGENCY,
        "number": "KPH-2026-0001",
        "source": NonconformitySource.MANUAL,
        "severity": Severity.MINOR,
        "description": "Hồ sơ trả chậm",
        "raised_at": NOW,
    }
    return Nonconformity(**given | changes)


def an_action(of: Nonconformity, **changes) -> CorrectiveAction:
    given = {"id": uuid4(), "nonconformity_id": of.id, "description": "Tập huấn", "owner_id": OWNER}
    return CorrectiveAction(**given | {"due_on": TODAY, "planned_at": NOW} | changes)


def a_programme(**changes) -> Programme:
    given = {"id": uuid4(), "agency_id": AGENCY, "year": 2026, "title": "Chương trình", "objective": "x"}
    return Programme(**given | {"drafted_by": SOMEBODY, "state": ProgrammeState.APPROVED} | changes)


def an_audit(**changes) -> Audit:
    given = {
        "id": uuid4(),
        "agency_id": AGENCY,
        "programme_id": uuid4(),
        "title": "Đánh giá nội bộ",
        "framework": "TCVN ISO 9001:2015",
        "clauses": ["8.5"],
        "document_ids": [],
        "lead_auditor_id": LEAD,
        "auditor_ids": [AUDITOR],
        "planned_from": TODAY,
        "planned_to": TODAY + DAY,
    }
    return Audit(**given | changes)


def a_finding(of: Audit, grade: Grade = Grade.MINOR, **changes) -> Finding:
    said = {"clause": "8.5", "grade": grade, "statement": "x", "evidence": "y"}
    given = {"id": uuid4(), "audit_id": of.id, "seq": len(of.findings) + 1, "found_by": AUDITOR}
    return Finding(**said | given | {"found_at": NOW} | changes)


def a_review(**changes) -> Review:
    period = {"period_from": TODAY - 30 * DAY, "period_to": TODAY - DAY, "held_on": TODAY}
    return Review(**{"id": uuid4(), "agency_id": AGENCY, "title": "Xem xét"} | period | changes)


def a_task(of: Review, **changes) -> ReviewTask:
    given = {"id": uuid4(), "review_id": of.id, "decision": "Mua máy", "owner_id": OWNER}
    return ReviewTask(**given | {"due_on": TODAY, "decided_at": NOW} | changes)
