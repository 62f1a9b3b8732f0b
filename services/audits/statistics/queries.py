"""How agencies stand, counted from the rows themselves."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from contracts.audits.nonconformities import ActionState, NonconformityState
from contracts.audits.programmes import AuditState
from contracts.audits.reviews import ReviewState
from contracts.audits.statistics import QualityFigures, QualityFiguresOf
from contracts.succession import Attribution
from kernel.base.clock import VIETNAM
from kernel.work.call import Call
from kernel.work.operations import query
from org import succession
from services.audits.nonconformities.tables import corrective_actions, nonconformities
from services.audits.programmes.tables import audits
from services.audits.reviews.tables import reviews


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
