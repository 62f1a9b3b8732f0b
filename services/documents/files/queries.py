"""A link into the store, to exactly the version that was signed."""

from datetime import timedelta

from contracts.documents import files as c
from kernel.base.errors import NotFound
from kernel.work.call import Call
from kernel.work.operations import query
from services.documents.documents import queries

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
