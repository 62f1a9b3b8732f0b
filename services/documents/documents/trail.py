"""The trail of a document, for those who work on it."""

from sqlalchemy import select

from contracts.documents.documents import TrailOf
from contracts.trail import TrailRowView
from kernel.base.errors import NotFound
from kernel.work import trail_reading as reading
from kernel.work.call import Call
from kernel.work.operations import query
from services.documents.documents.tables import documents


@query(TrailOf)
def trail_of(call: Call, question: TrailOf) -> list[TrailRowView]:
    """The trail of a document, newest first, to those who work on documents where it is kept."""
    agency = call.session.scalar(select(documents.c.agency_id).where(documents.c.id == question.document_id))
    if agency is None or agency not in call.reach_permitted():
        raise NotFound("document_not_found", "documentId")
    return reading.trail_of(call, question.document_id, question.first)
