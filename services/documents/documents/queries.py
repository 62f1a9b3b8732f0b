"""Answers about documents; builds no aggregate, and each list carries its visibility in the query."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from contracts.documents import documents as c
from contracts.documents import files
from contracts.succession import Attribution
from kernel.base.text import fold
from kernel.data.paging import Order, Page, beyond, page
from kernel.data.periods import lasts
from kernel.trust.reach import Reach
from kernel.work.call import Call
from kernel.work.operations import query
from org import succession
from org.reach import among, in_reach, within
from org.tables import agency_nodes
from services.documents import rules
from services.documents.documents.domain.revision import standing
from services.documents.documents.tables import documents, parties, revisions
from services.documents.procedures import domain as procedure

MANY = 8
"""Agencies to whose documents it is dearer to go one by one than to walk along everybody's."""
WALK = 1000
"""About how many documents such a walk passes before it is given up."""
FEW = 2000
"""Fewer documents than this a search looks through one by one; of more the words are looked up."""
_BY_CODE: Order = [(documents.c.code, "asc"), (documents.c.id, "asc")]
_OPEN = (
    select(revisions.c.id)
    .where(revisions.c.document_id == documents.c.id, revisions.c.state != c.RevisionState.ISSUED)
    .scalar_subquery()
)


def views(session: Session, ids: Iterable[UUID]) -> list[c.DocumentView]:
    """Documents by id, whoever asks: for answers to commands that were permitted."""
    rows = session.execute(_documents().where(documents.c.id.in_(list(ids)))).mappings()
    return [_document(row) for row in rows]


@query(c.DocumentsByIds)
def documents_by_ids(call: Call, question: c.DocumentsByIds) -> list[c.DocumentView]:
    """Those of the documents that the caller may see."""
    wanted = _documents().where(documents.c.id.in_(question.ids), _visible(call.reach()))
    workplaces = call.reach_of("drafts")
    return [_for(workplaces, _document(row)) for row in call.session.execute(wanted).mappings()]


@query(c.ListDocuments)
def list_documents(call: Call, question: c.ListDocuments) -> c.DocumentPage:
    """A page of what the caller may see, by code."""
    rows, has_next, cursors = _page(call.session, call.reach(), question)
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
    """The same under the owners of that day, to those who reach them or whoever goes on for them."""
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


def in_force(day: date) -> ColumnElement[bool]:
    """Whether a revision is in force on a date; its last day is the one before its successor's first."""
    during = lasts(revisions.c.effective_from, revisions.c.effective_to, day)
    return and_(revisions.c.state == c.RevisionState.ISSUED, during)


def _documents() -> Select[Any]:
    columns = [
        documents.c[n] for n in ("id", "agency_id", "kind", "code", "title", "distribution", "version")
    ]
    numbered_in = func.coalesce(documents.c.numbered_in, documents.c.agency_id).label("numbered_in")
    return select(*columns, numbered_in, _OPEN.label("open_revision_id"))


def _document(row: Any) -> c.DocumentView:
    return c.DocumentView(**row)


def _for(workplaces: Reach, view: c.DocumentView) -> c.DocumentView:
    """That a draft exists is the business of those who work on it."""
    if view.agency_id not in workplaces:
        view.open_revision_id = None
    return view


def _visible(reach: Reach) -> ColumnElement[bool]:
    """Asked of one document after the other: the offset keeps the planner from reading every party first."""
    if reach.everything:
        return literal(True)
    mine = among(parties.c.agency_id, reach.agency_ids)
    party = select(parties.c.document_id).where(parties.c.document_id == documents.c.id, mine)
    return party.offset(0).exists()


def _page(session: Session, reach: Reach, question: c.ListDocuments) -> Page:
    """How much one sees decides how the page is found; each way gives the same rows in the same order."""

    def cut(listed: Select[Any], order: Order = _BY_CODE) -> Page:
        return page(session, listed, order, question.first, question.after)

    if question.agency_id is not None:
        return cut(_one_by_one(reach, question))
    is_wide = not _sees_few(session, reach) if question.search else len(reach.agency_ids) > MANY
    if is_wide:
        met = cut(_met(reach, question))
        if met.has_next:
            return met
        if question.search:
            return cut(_looked_up(reach, question))
    if reach.everything:
        return cut(_one_by_one(reach, question))
    if len(reach.agency_ids) == 1:
        return cut(_of_one(reach.agency_ids[0], question), [(parties.c.code, "asc"), _BY_CODE[1]])
    return cut(_merged(reach.agency_ids, question))


def _sees_few(session: Session, reach: Reach) -> bool:
    if reach.everything:
        return False
    theirs = _of_each(reach.agency_ids, select(parties.c.document_id).limit(FEW)).limit(FEW).subquery()
    return session.execute(select(func.count()).select_from(theirs)).scalar_one() < FEW


def _one_by_one(reach: Reach, question: c.ListDocuments) -> Select[Any]:
    return _filtered(_documents().where(_visible(reach)), documents.c.kind, question)


def _looked_up(reach: Reach, question: c.ListDocuments) -> Select[Any]:
    """Those with the words, by their index or by code, as the planner thinks best."""
    words = documents.c.folded.contains(fold(question.search or ""), autoescape=True)
    return _one_by_one(reach, question).where(words)


def _of_one(agency_id: UUID, question: c.ListDocuments) -> Select[Any]:
    """Ordered by the party's copy of the code, so that its index gives the page without a sort."""
    listed = _documents().join(parties, parties.c.document_id == documents.c.id)
    return _filtered(listed.where(parties.c.agency_id == agency_id), parties.c.kind, question)


def _met(reach: Reach, question: c.ListDocuments) -> Select[Any]:
    """Those met on a short walk along everybody's documents by code.

    Whoever sees a good part of them meets a page of their own there; the walk ends where it costs more than
    to merge, and says nothing of what lies beyond: only a page that has a next one is whole.
    """
    walk = select(documents.c.code).order_by(documents.c.code, documents.c.id).offset(WALK).limit(1)
    if question.after is not None:
        walk = walk.where(beyond(_BY_CODE, question.after))
    near = documents.c.code <= walk.scalar_subquery()
    return _one_by_one(reach, question).where(near)


def _merged(agency_ids: Sequence[UUID], question: c.ListDocuments) -> Select[Any]:
    """The documents of several agencies, from those that can be on the page: the first so many of each.

    A search is the exception: it is for few, and what it finds may lie anywhere in the order.
    """
    seen = select(parties.c.document_id).join(documents, documents.c.id == parties.c.document_id)
    seen = _filtered(seen, parties.c.kind, question)
    if question.search:
        found = seen.where(among(parties.c.agency_id, agency_ids))
        return _documents().where(documents.c.id.in_(found))
    order: Order = [(parties.c.code, "asc"), (parties.c.document_id, "asc")]
    if question.after is not None:
        seen = seen.where(beyond(order, question.after))
    first = seen.order_by(parties.c.code, parties.c.document_id).limit(question.first + 1)
    return _documents().where(documents.c.id.in_(_of_each(agency_ids, first)))


def _of_each(agency_ids: Sequence[UUID], first: Select[Any]) -> Select[Any]:
    """The documents that `first` gives of one party, read of one agency after the other."""
    each = func.unnest(literal(list(agency_ids), ARRAY(Uuid))).table_valued("agency_id").render_derived()
    of_one = first.where(parties.c.agency_id == each.c.agency_id).correlate(each).lateral()
    return select(of_one.c.document_id).select_from(each).join(of_one, literal(True))


def _filtered(listed: Select[Any], kind: ColumnElement[Any], question: c.ListDocuments) -> Select[Any]:
    if question.agency_id is not None:
        listed = listed.where(documents.c.agency_id == question.agency_id)
    if question.kind is not None:
        listed = listed.where(kind == question.kind)
    if question.search:
        # No condition that an index could meet: who looks the words up in theirs says so.
        listed = listed.where(func.strpos(documents.c.folded, fold(question.search)) > 0)
    if question.in_force_on is not None:
        current = select(revisions.c.id).where(
            revisions.c.document_id == documents.c.id, in_force(question.in_force_on)
        )
        listed = listed.where(current.exists())
    return listed


def _revisions(call: Call, wanted: ColumnElement[bool]) -> Select[Any]:
    """Revisions that the caller may see: issued ones of visible documents, drafts where they work."""
    issued = revisions.c.state == c.RevisionState.ISSUED
    theirs = in_reach(documents.c.agency_id, call.reach_of("drafts"))
    joined = select(revisions).join(documents, documents.c.id == revisions.c.document_id)
    return joined.where(wanted, _visible(call.reach()), or_(issued, theirs))


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
