"""Answers about nonconformities, audits and reviews; each list carries its visibility in the query."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, union_all
from sqlalchemy.orm import Session

from contracts.audits import nonconformities as n
from contracts.audits import programmes as a
from contracts.audits import reviews as r
from contracts.trail import TrailRowView
from kernel.base.errors import NotFound
from kernel.data.paging import Direction, page
from kernel.work import trail_reading as reading
from kernel.work.call import Call
from kernel.work.operations import query
from org import succession
from org.reach import in_reach, within
from services.audits import rules
from services.audits.domain.audit import Audit, Programme
from services.audits.domain.nonconformity import Nonconformity
from services.audits.domain.review import Review
from services.audits.tables import audits, nonconformities, procedures, programmes, reviews

V = TypeVar("V")
E = TypeVar("E")


@query(n.NonconformitiesByIds)
def nonconformities_by_ids(call: Call, question: n.NonconformitiesByIds) -> list[n.NonconformityView]:
    """Those of the nonconformities that the caller reaches."""
    return [
        nonconformity_view(each) for each in _entities(call, Nonconformity, nonconformities, question.ids)
    ]


@query(a.AuditsByIds)
def audits_by_ids(call: Call, question: a.AuditsByIds) -> list[a.AuditView]:
    """Those of the audits that the caller reaches."""
    return [audit_view(each) for each in _entities(call, Audit, audits, question.ids)]


@query(r.ReviewsByIds)
def reviews_by_ids(call: Call, question: r.ReviewsByIds) -> list[r.ReviewView]:
    """Those of the reviews that the caller reaches."""
    return [review_view(each) for each in _entities(call, Review, reviews, question.ids)]


@query(a.ProgrammesOf)
def programmes_of(call: Call, question: a.ProgrammesOf) -> list[a.ProgrammeView]:
    """The programmes of agencies, newest year first."""
    wanted = select(Programme).where(programmes.c.agency_id.in_(question.ids), _reached(call, programmes))
    found = call.session.scalars(wanted.order_by(programmes.c.year.desc(), programmes.c.id))
    return [programme_view(each) for each in found]


@query(n.ListNonconformities)
def list_nonconformities(call: Call, question: n.ListNonconformities) -> n.NonconformityPage:
    """The register, newest first."""
    listed = _listed(call, nonconformities, question.agency_id)
    if question.state is not None:
        listed = listed.where(nonconformities.c.state == question.state)
    ids, has_next, cursors = _page(call, listed, nonconformities.c.raised_at, nonconformities.c.id, question)
    items = [nonconformity_view(each) for each in _in_order(call, Nonconformity, nonconformities, ids)]
    return n.NonconformityPage(items=items, has_next=has_next, cursors=cursors)


@query(a.ListAudits)
def list_audits(call: Call, question: a.ListAudits) -> a.AuditPage:
    """Audits, latest planned first."""
    listed = _listed(call, audits, question.agency_id)
    if question.programme_id is not None:
        listed = listed.where(audits.c.programme_id == question.programme_id)
    ids, has_next, cursors = _page(call, listed, audits.c.planned_from, audits.c.id, question)
    items = [audit_view(each) for each in _in_order(call, Audit, audits, ids)]
    return a.AuditPage(items=items, has_next=has_next, cursors=cursors)


@query(r.ListReviews)
def list_reviews(call: Call, question: r.ListReviews) -> r.ReviewPage:
    """Management reviews, latest first."""
    listed = _listed(call, reviews, question.agency_id)
    ids, has_next, cursors = _page(call, listed, reviews.c.held_on, reviews.c.id, question)
    items = [review_view(each) for each in _in_order(call, Review, reviews, ids)]
    return r.ReviewPage(items=items, has_next=has_next, cursors=cursors)


@query(a.TrailOf)
def trail_of(call: Call, question: a.TrailOf) -> list[TrailRowView]:
    """The trail of a thing kept here, to those who keep or check it at its agency."""
    kept = (select(each.c.agency_id).where(each.c.id == question.subject_id) for each in _KEPT)
    agency_id = call.session.scalar(union_all(*kept))
    if agency_id is None or agency_id not in call.reach_permitted():
        raise NotFound("subject_not_found", "subjectId")
    return reading.trail_of(call, question.subject_id, question.first)


_KEPT = (nonconformities, audits, reviews, programmes)


@query(a.Frameworks)
def frameworks(call: Call, question: a.Frameworks) -> list[a.FrameworkView]:
    """Editions in force on the date."""
    day = question.as_of or call.today()
    return [each for each in rules.frameworks().values() if each.effective_from <= day]


def procedure_titles(session: Session, agency_id: UUID) -> dict[UUID, str]:
    """The agency's issued procedures, those it took over among them: id → code and title."""
    wanted = select(procedures.c.document_id, procedures.c.code, procedures.c.title)
    line = succession.lineage(session, [agency_id])
    rows = session.execute(wanted.where(procedures.c.agency_id.in_(line)))
    return {row.document_id: f"{row.code} {row.title}" for row in rows}


def nonconformity_view(found: Nonconformity) -> n.NonconformityView:
    """The aggregate as it is shown."""
    actions = [_as(n.CorrectiveActionView, each) for each in found.actions]
    return _as(n.NonconformityView, found, actions=actions)


def programme_view(found: Programme) -> a.ProgrammeView:
    """The aggregate as it is shown."""
    return _as(a.ProgrammeView, found)


def audit_view(found: Audit) -> a.AuditView:
    """The aggregate as it is shown."""
    return _as(a.AuditView, found, findings=[_as(a.FindingView, each) for each in found.findings])


def review_view(found: Review) -> r.ReviewView:
    """The aggregate as it is shown."""
    return _as(r.ReviewView, found, tasks=[_as(r.ReviewTaskView, each) for each in found.tasks])


def _as(view: type[V], found: object, **given: Any) -> V:
    names = (f.name for f in fields(view) if f.name not in given)  # type: ignore[arg-type]
    return view(**{name: getattr(found, name) for name in names}, **given)


def _reached(call: Call, table: Any) -> ColumnElement[bool]:
    return in_reach(table.c.agency_id, call.reach())


def _entities(call: Call, kind: type[E], table: Any, ids: Iterable[UUID]) -> list[E]:
    """Whole things by id, their children in one more statement each, however many there are."""
    wanted = list(ids)
    if not wanted:
        return []
    theirs = select(kind).where(and_(table.c.id.in_(wanted), _reached(call, table)))
    return list(call.session.scalars(theirs))


def _in_order(call: Call, kind: type[E], table: Any, ids: Sequence[UUID]) -> list[E]:
    found = {each.id: each for each in _entities(call, kind, table, ids)}  # type: ignore[attr-defined]
    return [found[id_] for id_ in ids]


def _listed(call: Call, table: Any, agency_id: UUID | None) -> Select[Any]:
    listed = select(table).where(table.c.agency_id == agency_id) if agency_id else select(table)
    return within(listed, table.c.agency_id, call.reach())


def _page(
    call: Call, listed: Select[Any], by: ColumnElement[Any], id_: ColumnElement[Any], question: Any
) -> tuple[list[UUID], bool, list[str]]:
    order: list[tuple[ColumnElement[Any], Direction]] = [(by, "desc"), (id_, "desc")]
    rows, has_next, cursors = page(
        call.session, listed.with_only_columns(by, id_), order, question.first, question.after
    )
    return [row.id for row in rows], has_next, cursors
