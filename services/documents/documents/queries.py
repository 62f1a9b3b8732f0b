"""Answers about documents; builds no aggregate, and each list carries its visibility in the query."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from contracts.documents import documents as c
from contracts.documents import files
from contracts.succession import Attribution
from kernel.data.periods import lasts
from kernel.trust.reach import Reach
from kernel.work.call import Call
from kernel.work.operations import query
from org import succession
from org.reach import in_reach, within
from org.tables import agency_nodes
from services.documents import rules
from services.documents.documents.domain.revision import standing
from services.documents.documents.listing import list_page
from services.documents.documents.seen import document_rows, in_force, visible
from services.documents.documents.tables import documents, revisions
from services.documents.procedures import domain as procedure


def views(session: Session, ids: Iterable[UUID]) -> list[c.DocumentView]:
    """Documents by id, without a reach: for answers to commands that were permitted."""
    rows = session.execute(document_rows().where(documents.c.id.in_(list(ids)))).mappings()
    return [_document(row) for row in rows]


@query(c.DocumentsByIds)
def documents_by_ids(call: Call, question: c.DocumentsByIds) -> list[c.DocumentView]:
    """The documents among these that the caller may see."""
    wanted = document_rows().where(documents.c.id.in_(question.ids), visible(call.reach()))
    workplaces = call.reach_of("drafts")
    return [_for(workplaces, _document(row)) for row in call.session.execute(wanted).mappings()]


@query(c.ListDocuments)
def list_documents(call: Call, question: c.ListDocuments) -> c.DocumentPage:
    """A page of what the caller may see, by code."""
    rows, has_next, cursors = list_page(call.session, call.reach(), question)
    workplaces = call.reach_of("drafts")
    items = [_for(workplaces, _document(row._mapping)) for row in rows]
    return c.DocumentPage(items=items, has_next=has_next, cursors=cursors)


@query(c.RevisionsOf)
def revisions_of(call: Call, question: c.RevisionsOf) -> list[c.RevisionView]:
    """The revisions of documents: drafts to those who work on them, issued ones to all who may see."""
    wanted = _revisions(call, revisions.c.document_id.in_(question.ids)).order_by(
        revisions.c.document_id, revisions.c.number
    )
    return _shown(call, wanted, question.as_of)


@query(c.RevisionsInForce)
def revisions_in_force(call: Call, question: c.RevisionsInForce) -> list[c.RevisionView]:
    """The one revision in force of each document on the date."""
    day = question.as_of or call.today()
    wanted = _revisions(call, and_(revisions.c.document_id.in_(question.ids), in_force(day)))
    return _shown(call, wanted, day)


@query(c.DocumentFiguresOf)
def document_figures_of(call: Call, question: c.DocumentFiguresOf) -> list[c.DocumentFigures]:
    """How many documents of each agency are in force that day, agencies with none among them."""
    day, agencies, reach = question.as_of or call.today(), agency_nodes.c, call.reach()
    if question.attribution is Attribution.AS_THEN:
        return _figures_then(call, question, day)
    counted = _in_force_by_agency(reach, question, day).subquery()
    names = ("documents_in_force", "procedures_in_force")
    figures = [func.coalesce(counted.c[name], literal(0)).label(name) for name in names]
    was_there = lasts(agencies.valid_from, agencies.valid_to, day)
    listed = (
        select(agencies.id.label("agency_id"), *figures)
        .join(counted, counted.c.agency_id == agencies.id, isouter=True)
        .where(or_(was_there, counted.c.agency_id.is_not(None)))
    )
    asked = _asked(listed, agencies.id, reach, question)
    return [c.DocumentFigures(**row) for row in call.session.execute(asked).mappings()]


def _figures_then(call: Call, question: c.DocumentFiguresOf, day: date) -> list[c.DocumentFigures]:
    """The same under the owners of that day, to those who reach them or the agencies that go on for them."""
    known, reach = succession.heirs(call.session), call.reach()
    was_there = lasts(agency_nodes.c.valid_from, agency_nodes.c.valid_to, day)
    there = call.session.scalars(select(agency_nodes.c.id).where(was_there))
    figures = {each: c.DocumentFigures(agency_id=each) for each in there}
    first = func.coalesce(documents.c.numbered_in, documents.c.agency_id)
    for first_owner, of_all, of_procedures in call.session.execute(_in_force_by(first, day)):
        owner = known.on(first_owner, day)
        found = figures.setdefault(owner, c.DocumentFigures(agency_id=owner))
        found.documents_in_force += of_all
        found.procedures_in_force += of_procedures
    asked = figures if question.agency_ids is None else question.agency_ids
    seen = known.reached(reach, asked, question.attribution)
    return [figures[each] for each in seen if each in figures]


def _in_force_by_agency(reach: Reach, question: c.DocumentFiguresOf, day: date) -> Select[Any]:
    return _asked(_in_force_by(documents.c.agency_id, day), documents.c.agency_id, reach, question)


def _in_force_by(owner: ColumnElement[Any], day: date) -> Select[Any]:
    procedure = documents.c.kind.in_((c.DocumentKind.PROCEDURE, c.DocumentKind.SYSTEM_PROCEDURE))
    return (
        select(
            owner,
            func.count().label("documents_in_force"),
            func.count().filter(procedure).label("procedures_in_force"),
        )
        .join(revisions, revisions.c.document_id == documents.c.id)
        .where(in_force(day))
        .group_by(owner)
    )


def _asked(
    rows: Select[Any], agency_id: ColumnElement[UUID], reach: Reach, question: c.DocumentFiguresOf
) -> Select[Any]:
    """Kept to the agencies asked for, and to those the caller reaches."""
    if question.agency_ids is not None:
        rows = rows.where(agency_id.in_(question.agency_ids))
    return within(rows, agency_id, reach)


def visible_revision(call: Call, revision_id: UUID) -> Any:
    """The row of one revision, or None when the caller may not see it."""
    return call.session.execute(_revisions(call, revisions.c.id == revision_id)).mappings().first()


def _document(row: Any) -> c.DocumentView:
    return c.DocumentView(**row)


def _for(workplaces: Reach, view: c.DocumentView) -> c.DocumentView:
    """That a draft exists is the business of those who work on it."""
    if view.agency_id not in workplaces:
        view.open_revision_id = None
    return view


def _revisions(call: Call, wanted: ColumnElement[bool]) -> Select[Any]:
    """Revisions that the caller may see: issued ones of visible documents, drafts where they work."""
    issued = revisions.c.state == c.RevisionState.ISSUED
    theirs = in_reach(documents.c.agency_id, call.reach_of("drafts"))
    joined = select(revisions).join(documents, documents.c.id == revisions.c.document_id)
    return joined.where(wanted, visible(call.reach()), or_(issued, theirs))


def _shown(call: Call, wanted: Select[Any], as_of: date | None) -> list[c.RevisionView]:
    day = as_of or call.today()
    return [_revision(row, day) for row in call.session.execute(wanted).mappings()]


_SAME = (
    *("id", "document_id", "number", "state", "change_note", "procedure", "author_id"),
    *("reviewed_by", "approved_by", "issued_by", "submitted_at", "reviewed_at", "approved_at"),
    *("issued_at", "effective_from", "effective_to", "migrated_from_paper"),
    *("reviewed_for", "approved_for", "issued_for"),
)


def _revision(row: Any, day: date) -> c.RevisionView:
    file = files.FileView(
        upload_id=row["upload_id"],
        name=row["file_name"],
        media_type=row["media_type"],
        size=row["size"],
        sha256=row["sha256"],
        locked_until=row["locked_until"],
    )
    stands = standing(row["state"], row["effective_from"], row["effective_to"], day)
    content = row["procedure"]
    took = procedure.total(content.steps, rules.hours_per_day(day)) if content else None
    same = {name: row[name] for name in _SAME}
    return c.RevisionView(**same, file=file, standing=stands, steps_total=took)
