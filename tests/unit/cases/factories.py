"""Dossiers and what they are counted by, ready to be tried; say only what the test is about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.cases.dossiers import DossierKind
from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent, ProcedureStep
from org.acted import Acted
from services.cases.clocks.domain import Clock, Counting, seconds_of
from services.cases.dossiers.domain import step as steps
from services.cases.dossiers.domain.dossier import Dossier
from worktime import vietnam
from worktime.deadline import RollOver, Rules

CALENDAR = vietnam.calendar(range(2024, 2032))
RECEIVER, ABOVE = uuid4(), uuid4()
BLOCK = "UBND tỉnh"


def a_counting(**changes: Any) -> Counting:
    rules = Rules(
        effective_from=date(2020, 1, 1),
        basis="thử",
        cut_off=datetime(2020, 1, 1, 15).time(),
        roll_over=RollOver.NEXT_WORKING_MOMENT,
    )
    given = {
        "calendar": CALENDAR,
        "calendar_version": 1,
        "rules": rules,
        "warn_share": 0.2,
        "warn_at_most": timedelta(hours=8),
    }
    return Counting(**given | changes)


def at(moment: str) -> datetime:
    """`at("2026-08-10 07:30")`: that moment in Vietnam, in UTC."""
    return datetime.fromisoformat(f"{moment}+07:00").astimezone(UTC)


def by(moment: datetime) -> Acted:
    return Acted(person_id=uuid4(), position_id=uuid4(), at=moment)


def working(amount: float) -> Duration:
    return Duration(amount=amount, unit=DurationUnit.WORKING_DAY)


def a_content(**changes: Any) -> ProcedureContent:
    """Ten working days: step 3 shares the duration of step 2, step 4 is another agency's and may go back."""
    made = [
        _step(1, duration=working(0.5)),
        _step(2, duration=working(5)),
        _step(3, shares_duration_of=2),
        _step(4, duration=working(3), block=BLOCK, returns_to="B2"),
        _step(5, duration=working(1.5)),
    ]
    return ProcedureContent(**{"legal_time": working(10), "steps": made} | changes)


def _step(seq: int, **more: Any) -> ProcedureStep:
    return ProcedureStep(seq=seq, number=f"B{seq}", responsible="Chuyên viên", content="Xử lý", **more)


def a_dossier(received_at: datetime, counting: Counting, content: ProcedureContent | None = None) -> Dossier:
    """Received and begun by the department."""
    content = content or a_content()
    dossier = Dossier(
        id=uuid4(),
        agency_id=RECEIVER,
        number="H42.07-260810-0001",
        kind=DossierKind.TTHC,
        competent_agency_id=RECEIVER,
        document_id=UUID(int=1),
        revision_id=uuid4(),
        revision_number=1,
        document_code="QTTP-20",
        title="Công nhận người có uy tín",
        received_at=received_at,
        counts_from=counting.begins(received_at),
        first_heard_at=received_at,
        rules_on=received_at.date(),
        calendar_version=1,
        steps=steps.copied(content, RECEIVER, {BLOCK: ABOVE} if content.steps else {}),
        step_clocks=steps.clocks_of(content, 8),
        clock=a_clock(content.legal_time) if content.legal_time else None,
    )
    dossier.begin(counting, by(received_at))
    return dossier


def a_clock(duration: Duration) -> Clock:
    is_working = duration.unit is not DurationUnit.CALENDAR_DAY
    return Clock(seq=0, seconds=seconds_of(duration, 8), is_working=is_working)
