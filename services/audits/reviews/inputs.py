"""What a management review is given, counted from the rows themselves and then frozen (9.3.2)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from contracts.audits.nonconformities import NonconformityState
from contracts.audits.programmes import AuditState, Grade
from contracts.audits.reviews import TaskState
from kernel.base.clock import VIETNAM
from org import succession
from services.audits.learnt.tables import dossiers, procedures
from services.audits.nonconformities.tables import nonconformities
from services.audits.programmes.tables import audits, findings
from services.audits.reviews.domain import Review
from services.audits.reviews.tables import review_tasks, reviews


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
