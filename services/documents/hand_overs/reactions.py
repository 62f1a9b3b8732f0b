"""What of documents passes to a successor: the open revisions that the position's holder wrote."""

from uuid import UUID

from contracts.directory.events import PositionHandedOver
from contracts.documents.documents import RevisionState
from contracts.documents.events import DocumentsHandedOver
from contracts.duties import DutyKind, DutySubject, HandedThing
from kernel.work.call import Reaction
from kernel.work.operations import on
from org.acted import Acted
from services.documents.documents.domain.document import Document
from services.documents.documents.repository import DocumentRepository

_KINDS = {
    RevisionState.DRAFT: DutyKind.DRAFT,
    RevisionState.IN_REVIEW: DutyKind.REVIEW,
    RevisionState.REVIEWED: DutyKind.APPROVAL,
    RevisionState.APPROVED: DutyKind.ISSUE,
}


@on(PositionHandedOver)
def pass_on(call: Reaction, event: PositionHandedOver) -> None:
    """Pass the drafts on, and say which; those who may sign are found by role and need no passing on."""
    to = Acted(person_id=event.receiver_id, position_id=event.receiver_position_id, at=event.handed_over_at)
    written = DocumentRepository(call).written_by(event.giver_id, event.position_ids)
    # Who signed a revision does not become its author: it stays with the person who wrote it.
    things = tuple(_passed(document, to) for document in written if not _signed_by(document, to.signer))
    call.publish(event.hand_over_id, 1, DocumentsHandedOver(hand_over_id=event.hand_over_id, things=things))


def _signed_by(document: Document, person_id: UUID) -> bool:
    revision = document.open_revision
    return revision is not None and person_id in (revision.reviewed_by, revision.approved_by)


def _passed(document: Document, to: Acted) -> HandedThing:
    revision = document.pass_on(to)
    return HandedThing(
        kind=_KINDS[revision.state],
        subject=DutySubject.DOCUMENT,
        subject_id=document.id,
        code=document.code,
        title=document.title,
    )
