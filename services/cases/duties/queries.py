"""What dossiers wait for: steps handed over to an agency, and steps that an officer took up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Uuid,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from contracts.cases import dossiers as c
from contracts.cases import duties
from contracts.duties import DutyKind, DutyList, DutySubject, DutyView
from kernel.work.call import Call
from kernel.work.operations import query
from org.duties import counts_of, most_urgent
from org.reach import in_reach
from services.cases.clocks import calendars
from services.cases.dossiers.tables import CURRENT_STEP, dossiers
from worktime.arithmetic import minutes_between
from worktime.calendar import Calendar

_ITS_CLOCK: ColumnElement[Any] = literal_column("'$[*] ? (@.seq == $seq)'::jsonpath")
_POSITION, _STATUS = (CURRENT_STEP[name].astext for name in ("position_id", "status"))


@query(duties.DossierDuties)
def dossier_duties(call: Call, question: duties.DossierDuties) -> DutyList:
    """What waits for the caller; of another position only the steps that its holder took up."""
    asker = call.actor.person_id
    assert asker is not None
    person = question.person_id or asker
    kinds = [_taken_up(call, person, question.position_id)]
    if person == asker and question.position_id is None:
        kinds.append(_handed_over(call))
    rows = most_urgent(call.session, kinds, first=question.first, now=call.now())
    calendar = calendars.counting(call, call.today()).calendar
    return DutyList(items=[_duty(row, calendar, call.now()) for row in rows], counts=counts_of(rows))


def _taken_up(call: Call, person: UUID, position: UUID | None) -> Select[Any]:
    steps = _listed(DutyKind.STEP, "acknowledged_at", is_own=True).where(
        dossiers.c.step_officer_id == person, c.StepStatus.IN_PROGRESS.value == _STATUS
    )
    if position is not None:
        steps = steps.where(str(position) == _POSITION)
    if person == call.actor.person_id:
        return steps
    return steps.where(in_reach(dossiers.c.step_agency_id, call.reach_of("duties_of_others")))


def _handed_over(call: Call) -> Select[Any]:
    steps = _listed(DutyKind.RECEIPT, "handed_over_at", is_own=False)
    theirs = in_reach(
        dossiers.c.step_agency_id, call.reach(call.policy.roles_for("acknowledge_hand_over", None))
    )
    return steps.where(c.StepStatus.HANDED_OVER.value == _STATUS, theirs)


def _listed(kind: DutyKind, since: str, *, is_own: bool) -> Select[Any]:
    """Steps of dossiers whose time runs; while one is paused nobody can do anything about it."""
    return select(
        literal(kind.value).label("kind"),
        dossiers.c.id.label("subject_id"),
        null().cast(Uuid).label("part_id"),
        dossiers.c.number.label("code"),
        dossiers.c.title,
        dossiers.c.step_agency_id.label("agency_id"),
        cast(CURRENT_STEP[since].astext, DateTime(timezone=True)).label("since"),
        _due().label("due_at"),
        literal(is_own).label("is_own"),
    ).where(dossiers.c.is_open, dossiers.c.status == c.DossierStatus.PROCESSING)


def _due() -> ColumnElement[datetime | None]:
    """When the step's own clock runs out, or the dossier's, whichever is first."""
    clocks, seq = type_coerce(dossiers.c.step_clocks, JSONB), CURRENT_STEP["clock_seq"]
    its_own = func.jsonb_path_query_first(clocks, _ITS_CLOCK, func.jsonb_build_object("seq", seq))
    of_step = cast(type_coerce(its_own, JSONB)["due_at"].astext, DateTime(timezone=True))
    return func.least(of_step, dossiers.c.due_at)


_SAME = ("subject_id", "part_id", "code", "title", "agency_id", "since", "due_at", "is_own")


def _duty(row: Any, calendar: Calendar, now: datetime) -> DutyView:
    return DutyView(
        **{name: getattr(row, name) for name in _SAME},
        kind=DutyKind(row.kind),
        subject=DutySubject.DOSSIER,
        minutes_left=minutes_between(calendar, now, row.due_at) if row.due_at else None,
    )
