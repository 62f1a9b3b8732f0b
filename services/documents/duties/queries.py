"""What documents wait for: drafts for their authors, revisions for who reviews, approves or issues them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, Uuid, literal, null, select

from contracts.documents import documents as c
from contracts.documents import duties
from contracts.duties import DutyKind, DutyList, DutySubject, DutyView
from kernel.work.call import Call
from kernel.work.operations import query
from org.duties import counts_of, most_urgent
from org.reach import in_reach
from services.documents.documents.tables import documents, revisions

_WAITING = (
    (DutyKind.REVIEW, c.RevisionState.IN_REVIEW, "review_revision", revisions.c.submitted_at),
    (DutyKind.APPROVAL, c.RevisionState.REVIEWED, "approve_revision", revisions.c.reviewed_at),
    (DutyKind.ISSUE, c.RevisionState.APPROVED, "issue_revision", revisions.c.approved_at),
)


@query(duties.DocumentDuties)
def document_duties(call: Call, question: duties.DocumentDuties) -> DutyList:
    """What waits for the caller; of another position only what its holder drafts."""
    asker = call.actor.person_id
    assert asker is not None
    person = question.person_id or asker
    kinds = [_drafts(call, person, question.position_id)]
    if person == asker and question.position_id is None:
        kinds += [_signature(call, asker, *each) for each in _WAITING]
    rows = most_urgent(call.session, kinds, first=question.first, now=call.now())
    return DutyList(items=[_duty(row) for row in rows], counts=counts_of(rows))


def _drafts(call: Call, person: UUID, position: UUID | None) -> Select[Any]:
    drafts = _listed(DutyKind.DRAFT, null().cast(DateTime(timezone=True)), is_own=True)
    drafts = drafts.where(revisions.c.state == c.RevisionState.DRAFT, revisions.c.author_id == person)
    if position is not None:
        drafts = drafts.where(revisions.c.author_position_id == position)
    if person == call.actor.person_id:
        return drafts
    return drafts.where(in_reach(documents.c.agency_id, call.reach_of("duties_of_others")))


def _signature(
    call: Call, person: UUID, kind: DutyKind, state: c.RevisionState, action: str, since: ColumnElement[Any]
) -> Select[Any]:
    """Nobody reviews, approves or issues what they wrote."""
    waiting = _listed(kind, since, is_own=False)
    theirs = in_reach(documents.c.agency_id, call.reach(call.policy.roles_for(action, state)))
    return waiting.where(revisions.c.state == state, revisions.c.author_id != person, theirs)


def _listed(kind: DutyKind, since: ColumnElement[Any], *, is_own: bool) -> Select[Any]:
    return select(
        literal(kind.value).label("kind"),
        documents.c.id.label("subject_id"),
        revisions.c.id.cast(Uuid).label("part_id"),
        documents.c.code,
        documents.c.title,
        documents.c.agency_id,
        since.label("since"),
        null().cast(DateTime(timezone=True)).label("due_at"),
        literal(is_own).label("is_own"),
    ).join(documents, documents.c.id == revisions.c.document_id)


_SAME = ("subject_id", "part_id", "code", "title", "agency_id", "since", "is_own")


def _duty(row: Any) -> DutyView:
    """No law sets a time for a signature: it is ordered by how long it has waited."""
    return DutyView(
        **{name: getattr(row, name) for name in _SAME},
        kind=DutyKind(row.kind),
        subject=DutySubject.DOCUMENT,
        due_at=None,
        minutes_left=None,
    )
