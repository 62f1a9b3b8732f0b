"""Loads documents for writing, visible ones only, and keeps the rows that lists go by."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from contracts.documents import RevisionState
from kernel.call import Call
from kernel.data.unit_of_work import track
from kernel.errors import NotFound
from services.documents.domain.document import Document
from services.documents.tables import documents, parties, revisions


class DocumentRepository:
    """Documents with all their revisions."""

    def __init__(self, call: Call) -> None:
        self.call, self.session = call, call.session

    def add(self, document: Document) -> None:
        self.session.add(document)
        track(self.session, document, is_new=True)
        self.session.flush()
        self._enter([document.agency_id], document, is_owner=True)

    def get(self, document_id: UUID) -> Document:
        """The document; one that the caller may not see is not found, like one that is not there."""
        # Locked, for it is read by two statements: unlocked, another's commit between them would show
        # the document as it was and its revisions as they are.
        document = self.session.get(Document, document_id, with_for_update=True)
        if document is None or not self._is_visible(document):
            raise NotFound("document_not_found", "documentId")
        track(self.session, document)
        return document

    def written_by(self, person_id: UUID, position_id: UUID) -> list[Document]:
        """The documents whose open revision is this person's, as that position; locked."""
        mine = select(revisions.c.document_id).where(
            revisions.c.state != RevisionState.ISSUED,
            revisions.c.author_id == person_id,
            revisions.c.author_position_id == position_id,
        )
        wanted = select(Document).where(documents.c.id.in_(mine)).order_by(documents.c.code, documents.c.id)
        found = list(self.session.scalars(wanted.with_for_update()))
        for document in found:
            track(self.session, document)
        return found

    def distribute(self, document: Document) -> None:
        """Let the agencies on the distribution list see the document from now on."""
        self._enter([a for a in document.distribution if a != document.agency_id], document, is_owner=False)

    def _enter(self, agency_ids: Iterable[UUID], document: Document, *, is_owner: bool) -> None:
        rows = [
            {
                "agency_id": agency_id,
                "code": document.code,
                "document_id": document.id,
                "kind": document.kind,
                "is_owner": is_owner,
            }
            for agency_id in agency_ids
        ]
        if rows:
            self.session.execute(insert(parties).on_conflict_do_nothing(), rows)

    def _is_visible(self, document: Document) -> bool:
        reach = self.call.reach()
        if document.agency_id in reach:
            return True
        mine = parties.c.agency_id.in_(reach.agency_ids)
        party = select(parties.c.document_id).where(parties.c.document_id == document.id, mine)
        return self.session.execute(party.limit(1)).first() is not None
