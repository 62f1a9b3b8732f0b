"""What every command about a document asks before it acts: may it be seen, done, and is it still so?"""

from uuid import UUID

from contracts.documents.documents import DocumentView
from kernel.work.call import Call
from org.acting import expect_open
from services.documents.documents import queries
from services.documents.documents.domain.document import Document
from services.documents.documents.domain.revision import File
from services.documents.documents.repository import DocumentRepository


def loaded(call: Call, document_id: UUID, expected_version: int) -> Document:
    """The document, when the caller may do this to it and knows its latest version."""
    document = DocumentRepository(call).get(document_id)
    revision = document.open_revision
    expect_open(
        call,
        agency_id=document.agency_id,
        is_as_seen=document.version == expected_version,
        state=revision.state if revision else None,
    )
    return document


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
