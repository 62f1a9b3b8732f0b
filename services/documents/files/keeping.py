"""Which objects of the store documents rely on: every upload, and every revision's file as it was signed."""

from collections.abc import Iterator

from sqlalchemy import func, literal, null, select, union_all
from sqlalchemy.orm import Session

from kernel.data.tables import uploads
from kernel.work.service import KeptObject
from services.documents.documents.tables import documents, revisions


def objects(session: Session) -> Iterator[KeptObject]:
    """Sorted as the store lists its keys; a reserved upload may be there or not."""
    up, rev = uploads.c, revisions.c
    placed = select(up.key, up.version_id, up.sha256, up.size, up.name.label("about"))
    reserved = select(up.key, null(), up.sha256, up.size, up.name).where(up.state == "reserved")
    title = func.concat(documents.c.code, literal(" – "), rev.number)
    files = select(rev.object_key, rev.object_version, rev.sha256, rev.size, title).join(
        documents, documents.c.id == rev.document_id
    )
    all_of_them = union_all(placed.where(up.state == "available"), reserved, files).subquery()
    column = all_of_them.c
    ordered = select(all_of_them).order_by(column.key.collate("C"), column.version_id, column.about)
    for row in session.execute(ordered.execution_options(yield_per=5000)).mappings():
        yield KeptObject(**row)
