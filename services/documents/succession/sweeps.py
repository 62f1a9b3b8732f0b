"""Documents follow an agency that ended to the one that goes on, some at a time; and what it holds now."""

from sqlalchemy import func, select

from contracts.documents.documents import RevisionState
from contracts.documents.succession import HeldByAgencies
from contracts.succession import HeldCount, HeldKind
from kernel.life.crash import crash_point
from kernel.work.call import Call
from kernel.work.operations import query
from org import succession
from services.documents.documents.repository import DocumentRepository
from services.documents.documents.tables import documents, parties, revisions

BATCH = 50
DUE = succession.due(
    "documents d where d.agency_id = h.agency_id",
    "documents d where d.distribution @> array[h.agency_id]",
)


def follow_agencies(call: Call) -> int:
    """Let the next documents follow; how many. Those another process has at hand are left to it."""
    ended = succession.still_with(call.session, documents.c.agency_id, documents.c.distribution)
    if ended is None:
        return 0
    known = succession.heirs(call.session)
    heirs, repository = known.final, DocumentRepository(call)
    found = repository.of_agency(ended, BATCH)
    for document in found:
        document.follow(heirs)
        repository.move_parties(document, heirs)
    succession.because(call, known, ended)
    crash_point("follow.before_commit")
    return len(found)


@query(HeldByAgencies)
def held_by_agencies(call: Call, question: HeldByAgencies) -> list[HeldCount]:
    """What these agencies own, what of it is under way, and what others hand out to them."""
    succession.expect_reached(call, question.agency_ids)
    theirs = documents.c.agency_id.in_(question.agency_ids)
    owned = select(func.count()).select_from(documents).where(theirs)
    is_draft = revisions.c.state == RevisionState.DRAFT
    under_way = (
        select(func.count().filter(is_draft), func.count().filter(~is_draft))
        .join(documents, documents.c.id == revisions.c.document_id)
        .where(theirs, revisions.c.state != RevisionState.ISSUED)
    )
    handed_out = select(func.count(parties.c.document_id.distinct())).where(
        parties.c.agency_id.in_(question.agency_ids), ~parties.c.is_owner
    )
    drafts, waiting = call.session.execute(under_way).one()
    counted = (
        (HeldKind.DOCUMENTS, call.session.scalar(owned)),
        (HeldKind.DRAFTS, drafts),
        (HeldKind.APPROVALS_WAITING, waiting),
        (HeldKind.DISTRIBUTED_DOCUMENTS, call.session.scalar(handed_out)),
    )
    return [HeldCount(kind=kind, count=count or 0) for kind, count in counted]
