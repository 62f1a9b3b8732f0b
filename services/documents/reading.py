"""Answers that need more than a query: a link into the store, and the trail of a document."""

from datetime import timedelta

from sqlalchemy import select

from contracts.documents import files as c
from contracts.documents.documents import TrailOf
from contracts.trail import TrailRowView
from kernel.base.errors import NotFound
from kernel.work import trail_reading as reading
from kernel.work.call import Call
from kernel.work.operations import query
from services.documents import queries
from services.documents.tables import documents

LINK_SECONDS = 300


@query(c.DownloadRevision)
def download_revision(call: Call, question: c.DownloadRevision) -> c.DownloadView:
    """A link to exactly the version that was signed, good for five minutes."""
    row = queries.visible_revision(call, question.revision_id)
    if row is None:
        raise NotFound("revision_not_found", "revisionId")
    url = call.store.get_link(
        row["object_key"], row["object_version"], row["file_name"], row["media_type"], LINK_SECONDS
    )
    until = call.real_now() + timedelta(seconds=LINK_SECONDS)
    return c.DownloadView(url=url, expires_at=until, sha256=row["sha256"])


@query(TrailOf)
def trail_of(call: Call, question: TrailOf) -> list[TrailRowView]:
    """The trail of a document, newest first, to those who work on documents where it is kept."""
    agency = call.session.scalar(select(documents.c.agency_id).where(documents.c.id == question.document_id))
    if agency is None or agency not in call.reach_permitted():
        raise NotFound("document_not_found", "documentId")
    return reading.trail_of(call, question.document_id, question.first)
