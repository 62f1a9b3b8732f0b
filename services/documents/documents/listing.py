"""A page of the documents that a caller may see: one way for each need, chosen by what the caller asks.

Every way gives the same rows in the same order, by code; they differ in what PostgreSQL reads for a
page. No way leaves the choice of an index to the planner's statistics, and
`tests/integration/documents/test_listing.py` asserts the indexes of each. ADR 34 has the figures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, func, literal, select
from sqlalchemy.orm import Session

from contracts.documents import documents as c
from kernel.base.text import fold
from kernel.data.paging import Order, Page, beyond, directed, page
from kernel.trust.reach import Reach
from services.documents.documents.seen import as_written, document_rows, in_force, visible
from services.documents.documents.tables import documents, parties, revisions

MANY = 16
"""Agencies: more than these cost a page more by `merged` than a walk along everybody's documents."""
WALK, WALK_OF_WORDS = 1000, 5000
"""Documents: a walk along everybody's passes so many before it is given up. One that compares words is
longer: most documents fail there already, and to ask of the others who sees them is what costs."""
FEW = 2000
"""Documents: a search reads through fewer than these, and looks its words up in more."""
BY_CODE: Order = ((documents.c.code, "asc"), (documents.c.id, "asc"))
BY_PARTY: Order = ((parties.c.code, "asc"), (parties.c.document_id, "asc"))


class _Filtered(NamedTuple):
    document_id: ColumnElement[UUID]
    kind: ColumnElement[Any]


_DOCUMENT = _Filtered(documents.c.id, documents.c.kind)
_PARTY = _Filtered(parties.c.document_id, parties.c.kind)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What is asked, by a caller who sees how much."""

    reach: Reach
    question: c.ListDocuments


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to a page: its rows, and the columns whose index gives their order."""

    rows: Callable[[Listing], Select[Any]]
    order: Order = BY_CODE


def list_page(session: Session, reach: Reach, question: c.ListDocuments) -> Page:
    """The page, by the first of the ways that finds it whole."""
    listing = Listing(reach=reach, question=question)
    *beginnings, last = ways(session, listing)
    for way in beginnings:
        found = _cut(session, way, listing)
        if found.has_next:
            return found
    return _cut(session, last, listing)


def ways(session: Session, listing: Listing) -> Sequence[Way]:
    """The ways to try in turn; all but the last may give up."""
    reach, question = listing.reach, listing.question
    if question.agency_id is not None:
        return [ALONG_CODES]
    if len(reach.agency_ids) == 1 and not reach.everything:
        return [OF_ONE_AGENCY]
    if question.search:
        return [READ_THROUGH] if _sees_few(session, reach) else [WALKED, LOOKED_UP]
    if reach.everything:
        return [ALONG_CODES]
    return [MERGED] if len(reach.agency_ids) <= MANY else [WALKED, MERGED]


def _along_codes(listing: Listing) -> Select[Any]:
    """Documents by code, each asked whether the caller sees it.

    When: the caller stands over everything, or names one agency whose documents to list. The index on
    (code, id), or on (agency, code), gives the order and the page ends the scan.
    """
    return _filtered(document_rows().where(visible(listing.reach)), _DOCUMENT, listing.question)


def _of_one_agency(listing: Listing) -> Select[Any]:
    """The caller's one agency, along the key of its parties: (agency, code, document).

    When: nearly always, since nearly everybody works in one agency. A search compares the words of
    each: an agency has some hundreds of documents, and the word index would give those of everybody.
    """
    [agency_id] = listing.reach.agency_ids
    listed = document_rows().join(parties, parties.c.document_id == documents.c.id)
    return _filtered(listed.where(parties.c.agency_id == agency_id), _PARTY, listing.question)


def _merged(listing: Listing) -> Select[Any]:
    """The first of each agency by its own key, sorted together and cut to a page.

    When: several agencies, no search. Whatever lies beyond the first page of each agency cannot be on
    the first page of all.
    """
    question = listing.question
    firsts = _filtered(select(parties.c.code, parties.c.document_id), _PARTY, question)
    if question.after is not None:
        firsts = firsts.where(beyond(BY_PARTY, question.after))
    most = question.first + 1
    each = of_each(listing.reach.agency_ids, firsts.order_by(*directed(BY_PARTY)).limit(most))
    merged = each.distinct().subquery()
    cut = select(merged.c.document_id).order_by(merged.c.code, merged.c.document_id).limit(most)
    return document_rows().where(documents.c.id.in_(cut))


def _walked(listing: Listing) -> Select[Any]:
    """The documents met on a short walk along everybody's documents by code, given up after `WALK`.

    When: the caller sees a good part of all, by many agencies or with many documents to search. Such a
    caller meets a page within the walk; one whose codes lie elsewhere needs the way that follows.
    """
    length = WALK_OF_WORDS if listing.question.search else WALK
    walk = select(documents.c.code).order_by(*directed(BY_CODE)).offset(length).limit(1)
    if listing.question.after is not None:
        walk = walk.where(beyond(BY_CODE, listing.question.after))
    return _along_codes(listing).where(documents.c.code <= walk.scalar_subquery())


def _read_through(listing: Listing) -> Select[Any]:
    """All that the caller sees, each compared with the words.

    When: a search of several agencies that have fewer than `FEW` documents together. The word index
    would give everybody's documents with a common word.
    """
    theirs = of_each(listing.reach.agency_ids, as_written(select(parties.c.document_id)))
    listed = document_rows().where(_is_among(documents.c.id, theirs))
    return _filtered(listed, _DOCUMENT, listing.question)


def _looked_up(listing: Listing) -> Select[Any]:
    """The documents with the words by the word index, each asked whether the caller sees it.

    When: a search of many documents that a walk did not answer, so the words are rare among them.
    """
    words = documents.c.folded.contains(fold(listing.question.search or ""), autoescape=True)
    return _along_codes(listing).where(_is_among(documents.c.id, select(documents.c.id).where(words)))


ALONG_CODES = Way(rows=_along_codes)
OF_ONE_AGENCY = Way(rows=_of_one_agency, order=(BY_PARTY[0], BY_CODE[1]))
MERGED = Way(rows=_merged)
WALKED = Way(rows=_walked)
READ_THROUGH = Way(rows=_read_through)
LOOKED_UP = Way(rows=_looked_up)


def of_each(agency_ids: Sequence[UUID], of_one: Select[Any]) -> Select[Any]:
    """What `of_one` selects of one party, read of one agency after the other."""
    each = func.unnest(literal(list(agency_ids), ARRAY(Uuid))).table_valued("agency_id").render_derived()
    theirs = of_one.where(parties.c.agency_id == each.c.agency_id).correlate(each).lateral()
    return select(*theirs.c).select_from(each).join(theirs, literal(True))


def _is_among(id_: ColumnElement[UUID], ids: Select[Any]) -> ColumnElement[bool]:
    """As an array, found before and looked up by key: a subquery may be hashed beside a scan of all."""
    return id_ == any_(func.array(ids.scalar_subquery(), type_=ARRAY(Uuid)))


def _sees_few(session: Session, reach: Reach) -> bool:
    if reach.everything:
        return False
    theirs = of_each(reach.agency_ids, select(parties.c.document_id).limit(FEW)).limit(FEW).subquery()
    return session.execute(select(func.count()).select_from(theirs)).scalar_one() < FEW


def _cut(session: Session, way: Way, listing: Listing) -> Page:
    question = listing.question
    return page(session, way.rows(listing), way.order, question.first, question.after)


def _filtered(listed: Select[Any], of: _Filtered, question: c.ListDocuments) -> Select[Any]:
    """Kept to what is asked for; `of`: the columns of the table that gives the order."""
    if question.agency_id is not None:
        listed = listed.where(documents.c.agency_id == question.agency_id)
    if question.kind is not None:
        listed = listed.where(of.kind == question.kind)
    if question.search:
        # No condition that an index could meet: the way that looks the words up says so itself.
        listed = listed.where(func.strpos(documents.c.folded, fold(question.search)) > 0)
    if question.in_force_on is not None:
        current = select(revisions.c.id).where(
            revisions.c.document_id == of.document_id, in_force(question.in_force_on)
        )
        listed = listed.where(current.exists())
    return listed
