"""What every command about a document asks before it acts: may it be seen, done, and is it still so?"""

from uuid import UUID

from contracts.documents.documents import DocumentView
from kernel.base.errors import Conflict
from kernel.work.call import Call
from services.documents.documents import queries
from services.documents.documents.domain.document import Document
from services.documents.documents.domain.revision import File, Signature
from services.documents.documents.repository import DocumentRepository


def loaded(call: Call, document_id: UUID, expected_version: int) -> Document:
    """The document, when the caller may do this to it and knows its latest version.

    A stale copy is told of before the state is: whoever looks at an old state should look anew.
    """
    document = DocumentRepository(call).get(document_id)
    call.require(agency_id=document.agency_id)
    if document.version != expected_version:
        raise Conflict("changed_meanwhile", "expectedVersion")
    if document.open_revision is not None:
        call.require(agency_id=document.agency_id, state=document.open_revision.state)
    return document


def signature(call: Call) -> Signature:
    """The caller's hand under what is done now."""
    actor = call.actor
    assert actor.person_id is not None
    return Signature(
        person_id=actor.person_id,
        position_id=actor.position_id,
        at=call.now(),
        on_behalf_of=actor.on_behalf_of,
    )


def file_of(upload: dict[str, object]) -> File:
    """An available upload as the file of a revision."""
    return File(
        upload_id=upload["id"],  # type: ignore[arg-type]
        name=str(upload["name"]),
        media_type=str(upload["media_type"]),
        size=int(str(upload["size"])),
        sha256=str(upload["sha256"]),
        key=str(upload["key"]),
        version_id=str(upload["version_id"]),
    )


def shown(call: Call, document: Document) -> DocumentView:
    """The document as it is after this command."""
    call.session.flush()
    [view] = queries.views(call.session, [document.id])
    return view
