"""Answers that need more than a query: a link into the store, and the trail of a document."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from contracts import documents as c
from contracts.trail import TrailRowView
from kernel import wire
from kernel.call import Call
from kernel.data.tables import trail, trail_seals
from kernel.errors import NotFound
from services.documents import queries
from services.documents.policy import WORKERS
from services.documents.tables import documents

LINK_SECONDS = 300


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


def trail_of(call: Call, question: c.TrailOf) -> list[TrailRowView]:
    """The trail of a document, newest first, to those who work on documents where it is kept."""
    workplaces = call.reach(WORKERS)
    agency = call.session.scalar(select(documents.c.agency_id).where(documents.c.id == question.document_id))
    if agency is None or not (workplaces.everything or agency in workplaces.agency_ids):
        raise NotFound("document_not_found", "documentId")
    is_sealed = select(trail_seals.c.trail_id).where(trail_seals.c.trail_id == trail.c.id).exists()
    rows = (
        select(trail, is_sealed.label("is_sealed"))
        .where(trail.c.subject_id == question.document_id)
        .order_by(trail.c.recorded_at.desc(), trail.c.id.desc())
        .limit(question.first)
    )
    return [_row(row) for row in call.session.execute(rows).mappings()]


_SAME = (
    *("id", "recorded_at", "occurred_at", "person_id", "position_id", "action", "subject_id"),
    *("reason", "trace_id", "is_sealed"),
)


def _row(row: Any) -> TrailRowView:
    return TrailRowView(
        **{name: row[name] for name in _SAME}, before=_json(row["before"]), after=_json(row["after"])
    )


def _json(state: Any) -> str | None:
    return None if state is None else wire.encode(state).decode()
