"""Loads documents for writing, visible ones only, and keeps the rows that lists go by."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from contracts.documents.documents import RevisionState
from kernel.base.errors import NotFound
from kernel.work.call import Call
from kernel.work.unit_of_work import track
from services.documents.documents.domain.document import Document
from services.documents.documents.tables import documents, parties, revisions


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

    def written_by(self, person_id: UUID, position_ids: Sequence[UUID] | None) -> list[Document]:
        """The documents whose open revision is this person's, as these positions or as any; locked."""
        mine = select(revisions.c.document_id).where(
            revisions.c.state != RevisionState.ISSUED, revisions.c.author_id == person_id
        )
        if position_ids is not None:
            mine = mine.where(revisions.c.author_position_id.in_(position_ids))
        wanted = select(Document).where(documents.c.id.in_(mine)).order_by(documents.c.code, documents.c.id)
        found = list(self.session.scalars(wanted.with_for_update()))
        for document in found:
            track(self.session, document)
        return found

    def of_agency(self, agency_id: UUID, limit: int) -> Sequence[Document]:
        """The next documents that the agency owns or has handed out to it, locked."""
        named = or_(documents.c.agency_id == agency_id, documents.c.distribution.contains([agency_id]))
        mine = select(Document).where(named).limit(limit).with_for_update(skip_locked=True)
        found = self.session.scalars(mine).all()
        for document in found:
            track(self.session, document)
        return found

    def is_code_used(self, agency_id: UUID, code: str) -> bool:
        """Whether the agency owns a document with that code, given by itself or by one it took over from."""
        used = select(documents.c.id).where(documents.c.agency_id == agency_id, documents.c.code == code)
        return self.session.scalar(used.limit(1)) is not None

    def move_parties(self, document: Document, heirs: Mapping[UUID, UUID]) -> None:
        """Let the heirs see it in place of those that ended; who owns it sees it as its owner."""
        theirs = and_(parties.c.document_id == document.id, parties.c.agency_id.in_(heirs))
        gone = self.session.scalars(delete(parties).where(theirs).returning(parties.c.agency_id)).all()
        readers = {heirs[each] for each in gone} - {document.agency_id}
        self._enter(readers, document, is_owner=False)
        if gone:
            mine = {"agency_id": document.agency_id, "document_id": document.id, "is_owner": True}
            own = insert(parties).values(mine | {"code": document.code, "kind": document.kind})
            keys = ["agency_id", "code", "document_id"]
            self.session.execute(own.on_conflict_do_update(index_elements=keys, set_={"is_owner": True}))

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
