"""The tables of controlled documents and their mapping onto the domain."""

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Integer, Table, Text, Uuid, event
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapper, relationship

from contracts.documents.documents import DocumentKind, RevisionState
from contracts.documents.procedures import ProcedureContent
from kernel.base.text import fold
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.documents.documents.domain.document import Document
from services.documents.documents.domain.revision import Revision
from services.documents.metadata import MAPPED, METADATA

documents = Table(
    "documents",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("kind", Word(DocumentKind), nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("distribution", ARRAY(Uuid), nullable=False),
    Column("changes", Integer, nullable=False),
    Column("numbered_in", Uuid),
)
revisions = Table(
    "revisions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("document_id", Uuid, ForeignKey("documents.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Word(RevisionState), nullable=False),
    Column("change_note", Text),
    Column("procedure", Shape(ProcedureContent)),
    Column("upload_id", Uuid, ForeignKey("uploads.id"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("object_key", Text, nullable=False),
    Column("object_version", Text, nullable=False),
    Column("locked_until", MOMENT),
    Column("author_id", Uuid, nullable=False),
    Column("author_position_id", Uuid),
    Column("earlier_authors", ARRAY(Uuid), nullable=False, server_default="{}"),
    Column("submitted_at", MOMENT),
    Column("reviewed_by", Uuid),
    Column("reviewed_as", Uuid),
    Column("reviewed_for", Uuid),
    Column("reviewed_at", MOMENT),
    Column("review_note", Text),
    Column("approved_by", Uuid),
    Column("approved_as", Uuid),
    Column("approved_for", Uuid),
    Column("approved_at", MOMENT),
    Column("issued_by", Uuid),
    Column("issued_as", Uuid),
    Column("issued_for", Uuid),
    Column("issued_at", MOMENT),
    Column("effective_from", Date),
    Column("effective_to", Date),
    Column("migrated_from_paper", Boolean, nullable=False),
)
# One row per agency that may see a document, with what its lists filter and sort by. The owner sees it
# from the first draft on, a reader from the first issue on.
parties = Table(
    "parties",
    METADATA,
    Column("agency_id", Uuid, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("document_id", Uuid, ForeignKey("documents.id"), primary_key=True),
    Column("kind", Word(DocumentKind), nullable=False),
    Column("is_owner", Boolean, nullable=False),
)


@event.listens_for(Document, "before_insert")
@event.listens_for(Document, "before_update")
def _fold_for_search(mapper: Mapper[Document], connection: object, document: Document) -> None:
    document.folded = fold(f"{document.code} {document.title}")  # type: ignore[attr-defined]


MAPPED.map_imperatively(Revision, revisions)

MAPPED.map_imperatively(
    Document,
    documents,
    version_id_col=documents.c.version,
    properties={
        "revisions": relationship(
            Revision, lazy="selectin", order_by=revisions.c.number, cascade="save-update"
        )
    },
)
