"""What the keeping of quality waits for: nonconformities, actions, decisions and audits."""

from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Interval,
    Select,
    Table,
    Uuid,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)

from contracts.audits import duties as a
from contracts.audits.nonconformities import ActionState, NonconformityState
from contracts.audits.programmes import AuditState
from contracts.audits.reviews import TaskState
from contracts.base import LATEST
from contracts.duties import DutyKind, DutyList, DutySubject, DutyView
from kernel.base.clock import VIETNAM
from kernel.work.call import Call
from kernel.work.operations import query
from org.duties import counts_of, most_urgent
from org.reach import in_reach
from services.audits.nonconformities.tables import corrective_actions, nonconformities
from services.audits.programmes.tables import audits
from services.audits.reviews.tables import review_tasks, reviews
from worktime import vietnam
from worktime.arithmetic import minutes_between
from worktime.calendar import Calendar

_NEVER = null().cast(DateTime(timezone=True))


@query(a.QualityDuties)
def quality_duties(call: Call, question: a.QualityDuties) -> DutyList:
    """What waits for the caller; of another person only what is theirs by name."""
    asker = call.actor.person_id
    assert asker is not None
    person = question.person_id or asker
    kinds = [_actions(person), _tasks(person), *_audits(person)]
    if person != asker:
        kinds = [_seen(call, each) for each in kinds]
    elif question.position_id is None:
        kinds += [_uncorrected(call), _without_cause(call), _unverified(call, asker)]
    rows = most_urgent(call.session, kinds, first=question.first, now=call.now())
    return DutyList(items=[_duty(row, call.now()) for row in rows], counts=counts_of(rows))


# -- what is somebody's own -----------------------------------------------------------------------


def _actions(person: UUID) -> Select[Any]:
    action = corrective_actions.c
    listed = _of_nonconformity(
        DutyKind.ACTION, action.planned_at, _end_of(action.due_on), action.id, own=True
    )
    listed = listed.join(corrective_actions, action.nonconformity_id == nonconformities.c.id)
    return listed.where(action.owner_id == person, action.state == ActionState.PLANNED, _is_open())


def _tasks(person: UUID) -> Select[Any]:
    task = review_tasks.c
    return (
        _listed(
            DutyKind.TASK, reviews, reviews.c.title, task.decided_at, _end_of(task.due_on), task.id, own=True
        )
        .join(review_tasks, task.review_id == reviews.c.id)
        .where(task.owner_id == person, task.state == TaskState.OPEN)
    )


def _audits(person: UUID) -> list[Select[Any]]:
    """An audit that is planned is the whole team's to begin; its report is its lead auditor's."""
    audit = audits.c
    of_team = or_(audit.lead_auditor_id == person, audit.auditor_ids.contains([person]))
    begin = _listed(DutyKind.AUDIT, audits, audit.title, _NEVER, _end_of(audit.planned_from), None, own=True)
    report = _listed(
        DutyKind.REPORT, audits, audit.title, audit.started_at, _end_of(audit.planned_to), None, own=True
    )
    return [
        begin.where(audit.state == AuditState.PLANNED, of_team),
        report.where(audit.state == AuditState.UNDER_WAY, audit.lead_auditor_id == person),
    ]


# -- what any holder of a role may do -------------------------------------------------------------


def _uncorrected(call: Call) -> Select[Any]:
    listed = _of_nonconformity(DutyKind.CORRECTION, nonconformities.c.raised_at, _NEVER, None, own=False)
    wanting = nonconformities.c.correction.is_(None)
    return listed.where(wanting, _is_open(), _within(call, "record_correction"))


def _without_cause(call: Call) -> Select[Any]:
    entry = nonconformities.c
    listed = _of_nonconformity(DutyKind.CAUSE, entry.raised_at, _NEVER, None, own=False)
    wanting = (entry.needs_corrective_action, entry.cause.is_(None), _is_open())
    return listed.where(*wanting, _within(call, "record_cause"))


def _unverified(call: Call, person: UUID) -> Select[Any]:
    """The person who did the action does not verify it."""
    action = corrective_actions.c
    listed = _of_nonconformity(DutyKind.VERIFICATION, action.done_at, _NEVER, action.id, own=False)
    listed = listed.join(corrective_actions, action.nonconformity_id == nonconformities.c.id)
    done = (action.state == ActionState.DONE, action.done_by != person, _is_open())
    return listed.where(*done, _within(call, "verify_action"))


def _is_open() -> ColumnElement[bool]:
    return nonconformities.c.state != NonconformityState.CLOSED


def _within(call: Call, action: str) -> ColumnElement[bool]:
    return in_reach(nonconformities.c.agency_id, call.reach(call.policy.roles_for(action, None)))


def _seen(call: Call, listed: Select[Any]) -> Select[Any]:
    """Kept to the agencies that the asker leads."""
    return listed.where(in_reach(listed.selected_columns.agency_id, call.reach_of("duties_of_others")))


# -- how they are shown ---------------------------------------------------------------------------


def _of_nonconformity(
    kind: DutyKind, since: ColumnElement[Any], due: ColumnElement[Any], part: Any, *, own: bool
) -> Select[Any]:
    entry = nonconformities.c
    return _listed(kind, nonconformities, entry.description, since, due, part, own=own, code=entry.number)


def _listed(
    kind: DutyKind,
    table: Table,
    title: ColumnElement[Any],
    since: ColumnElement[Any],
    due: ColumnElement[Any],
    part: ColumnElement[Any] | None,
    *,
    own: bool,
    code: ColumnElement[Any] | None = None,
) -> Select[Any]:
    return select(
        literal(kind.value).label("kind"),
        table.c.id.label("subject_id"),
        (null().cast(Uuid) if part is None else part).label("part_id"),
        (literal("") if code is None else code).label("code"),
        title.label("title"),
        table.c.agency_id.label("agency_id"),
        since.label("since"),
        due.label("due_at"),
        literal(own).label("is_own"),
    ).select_from(table)


def _end_of(day: ColumnElement[date]) -> ColumnElement[datetime]:
    """The first moment past that day; a day entered beyond all bounds counts as the last one within.

    Python has no moment past 9999-12-31: one such row would take the whole page with it.
    """
    midnight = cast(cast(func.least(day, LATEST), Date) + cast(literal("1 day"), Interval), DateTime)
    return func.timezone(str(VIETNAM), midnight)


_SUBJECTS = {
    DutyKind.TASK: DutySubject.REVIEW,
    DutyKind.AUDIT: DutySubject.AUDIT,
    DutyKind.REPORT: DutySubject.AUDIT,
}
_SAME = ("subject_id", "part_id", "code", "title", "agency_id", "since", "due_at", "is_own")


def _duty(row: Any, now: datetime) -> DutyView:
    kind = DutyKind(row.kind)
    return DutyView(
        **{name: getattr(row, name) for name in _SAME},
        kind=kind,
        subject=_SUBJECTS.get(kind, DutySubject.NONCONFORMITY),
        minutes_left=minutes_between(_calendar(now.year), now, row.due_at) if row.due_at else None,
    )


@cache
def _calendar(year: int) -> Calendar:
    """What is due lies in the years around."""
    return vietnam.calendar(range(year - 2, year + 4))
