"""Figures: how agencies stand, and what a management review is told, counted from the rows themselves."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from contracts.audits.nonconformities import ActionState, NonconformityState
from contracts.audits.programmes import AuditState, Grade
from contracts.audits.reviews import ReviewState, TaskState
from contracts.audits.statistics import QualityFigures, QualityFiguresOf
from contracts.succession import Attribution
from kernel.base.clock import VIETNAM
from kernel.work.call import Call
from kernel.work.operations import query
from org import succession
from services.audits.domain.review import Review
from services.audits.tables import (
    audits,
    corrective_actions,
    dossiers,
    findings,
    nonconformities,
    procedures,
    review_tasks,
    reviews,
)


@query(QualityFiguresOf)
def quality_figures_of(call: Call, question: QualityFiguresOf) -> list[QualityFigures]:
    """The figures of the agencies asked for that the caller reaches; four statements for any number."""
    then, seen = question.attribution is Attribution.AS_THEN, _seen(call, question)
    open_ = _counted(call.session, _open(_agency(nonconformities, then=then)), seen)
    late = _overdue(_agency(nonconformities, then=then), call.today())
    overdue = _counted(call.session, late, seen)
    audited = _counted(call.session, _last(_agency(audits, then=then), _audited_on(), audits), seen)
    reviewed = _counted(call.session, _last(_agency(reviews, then=then), _reviewed_on(), reviews), seen)
    agencies = seen if seen is not None else sorted({*open_, *overdue, *audited, *reviewed})
    return [
        QualityFigures(
            agency_id=agency,
            open_nonconformities=open_.get(agency, 0),
            overdue_actions=overdue.get(agency, 0),
            last_audit_on=audited.get(agency),
            last_review_on=reviewed.get(agency),
        )
        for agency in agencies
    ]


def _seen(call: Call, question: QualityFiguresOf) -> list[UUID] | None:
    """The agencies to be shown; None for all that have anything."""
    reach, known = call.reach(), succession.heirs(call.session)
    if question.agency_ids is not None:
        return known.reached(reach, question.agency_ids, question.attribution)
    if reach.everything:
        return None
    as_now = question.attribution is Attribution.AS_NOW
    return list(reach.agency_ids) if as_now else known.lineage(reach.agency_ids)


def _agency(table: Any, *, then: bool) -> Any:
    """Under whom a row counts."""
    return func.coalesce(table.c.first_agency_id, table.c.agency_id) if then else table.c.agency_id


def _counted(session: Session, counted: Select[Any], agencies: list[UUID] | None) -> dict[UUID, Any]:
    agency, _ = counted.selected_columns
    if agencies is not None:
        counted = counted.where(agency.in_(agencies))
    return {row[0]: row[1] for row in session.execute(counted.group_by(agency)) if row[1]}


def _open(agency: Any) -> Select[Any]:
    return select(agency, func.count()).where(nonconformities.c.state != NonconformityState.CLOSED)


def _overdue(agency: Any, today: date) -> Select[Any]:
    return (
        select(agency, func.count())
        .select_from(nonconformities)
        .join(corrective_actions, corrective_actions.c.nonconformity_id == nonconformities.c.id)
        .where(corrective_actions.c.state == ActionState.PLANNED, corrective_actions.c.due_on < today)
    )


def _audited_on() -> Any:
    # A report written by the release before this one has no day of its own yet.
    reported = func.timezone(str(VIETNAM), audits.c.reported_at).cast(audits.c.reported_on.type)
    day = func.coalesce(audits.c.reported_on, reported)
    return func.max(day).filter(audits.c.state == AuditState.REPORTED)


def _reviewed_on() -> Any:
    return func.max(reviews.c.held_on).filter(reviews.c.state == ReviewState.CONCLUDED)


def _last(agency: Any, last: Any, table: Any) -> Select[Any]:
    return select(agency, last).select_from(table)


def for_review(session: Session, name: str, review: Review) -> dict[str, Any]:
    """What the platform itself can say for one input of a review."""
    return _REVIEW[name](session, review)


def _previous_tasks(session: Session, review: Review) -> dict[str, Any]:
    states = (
        select(review_tasks.c.state, func.count())
        .join(reviews, reviews.c.id == review_tasks.c.review_id)
        .where(reviews.c.agency_id == review.agency_id, reviews.c.id != review.id)
        .group_by(review_tasks.c.state)
    )
    counted = {row[0]: row[1] for row in session.execute(states)}
    return {"done": counted.get(TaskState.DONE, 0), "open": counted.get(TaskState.OPEN, 0)}


def _dossiers(session: Session, review: Review) -> dict[str, Any]:
    d, period = dossiers.c, (review.period_from, review.period_to)
    ended = d.finished_on.between(*period)
    counted = session.execute(
        select(
            func.count().filter(d.received_on.between(*period)).label("received"),
            func.count().filter(ended).label("finished"),
            func.count().filter(and_(ended, d.on_time.is_(True))).label("on_time"),
            func.count().filter(and_(ended, d.on_time.is_(False))).label("late"),
            func.count().filter(and_(d.finished_on.is_(None), d.is_overdue)).label("overdue_open"),
        ).where(d.agency_id.in_(succession.lineage(session, [review.agency_id])))
    )
    return dict(counted.mappings().one())


def _nonconformities(session: Session, review: Review) -> dict[str, Any]:
    n = nonconformities.c
    first, last = review.period_from, review.period_to
    closed = n.state == NonconformityState.CLOSED
    raised = func.timezone(str(VIETNAM), n.raised_at).cast(reviews.c.held_on.type)
    counted = session.execute(
        select(
            func.count().filter(raised.between(first, last)).label("raised"),
            func.count().filter(and_(raised.between(first, last), closed)).label("closed"),
            func.count().filter(n.state != NonconformityState.CLOSED).label("open"),
        ).where(n.agency_id == review.agency_id)
    )
    return dict(counted.mappings().one())


def _procedures(session: Session, review: Review) -> dict[str, Any]:
    theirs = procedures.c.agency_id.in_(succession.lineage(session, [review.agency_id]))
    issued = select(func.count()).where(theirs, procedures.c.effective_from <= review.period_to)
    return {"in_force": session.scalar(issued) or 0}


def _audits(session: Session, review: Review) -> dict[str, Any]:
    a = audits.c
    mine = and_(a.agency_id == review.agency_id, a.planned_from.between(review.period_from, review.period_to))
    held = select(
        func.count().label("planned"), func.count().filter(a.state == AuditState.REPORTED).label("reported")
    ).where(mine)
    bad = or_(findings.c.grade == Grade.MINOR, findings.c.grade == Grade.MAJOR)
    found = (
        select(func.count().label("findings"), func.count().filter(bad).label("nonconforming"))
        .select_from(findings.join(audits, a.id == findings.c.audit_id))
        .where(mine)
    )
    both = (session.execute(each).mappings().one() for each in (held, found))
    return {key: value for row in both for key, value in row.items()}


_REVIEW: dict[str, Callable[[Session, Review], dict[str, Any]]] = {
    "previous_tasks": _previous_tasks,
    "dossiers": _dossiers,
    "nonconformities": _nonconformities,
    "procedures": _procedures,
    "audits": _audits,
}
