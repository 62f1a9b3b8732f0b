"""Keeps the files of what is in force locked."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update

from contracts.documents.documents import RevisionState
from kernel.base.errors import NotFound
from kernel.work.call import Call
from services.documents import rules
from services.documents.documents.tables import documents, revisions

log = logging.getLogger(__name__)
BATCH = 50


def extend_locks(call: Call) -> int:
    """Extend the locks that run out soon, of revisions in force or lately superseded; how many.

    A file that the store has lost is for an operator to look into; it must not keep others from their locks.
    """
    until = call.real_now() + timedelta(days=rules.retention(call.today())["lock_days"])
    lost: list[UUID] = []
    while due := _running_out(call, lost):
        extended = [row["id"] for row in due if _extend(call, row, until)]
        if extended:
            mine = update(revisions).where(revisions.c.id.in_(extended))
            call.session.execute(mine.values(locked_until=until))
            return len(extended)
        lost += [row["id"] for row in due]
    return 0


def _running_out(call: Call, but: Sequence[UUID]) -> Sequence[Any]:
    rule = rules.retention(call.today())
    soon = call.real_now() + timedelta(days=rule["extend_when_days_left"])
    kept_since = call.today() - timedelta(days=rule["keep_days_after_superseded"])
    due = (
        select(revisions, documents.c.agency_id)
        .join(documents, documents.c.id == revisions.c.document_id)
        .where(
            revisions.c.state == RevisionState.ISSUED,
            revisions.c.locked_until < soon,
            or_(revisions.c.effective_to.is_(None), revisions.c.effective_to > kept_since),
            revisions.c.id.not_in(but),
        )
        .order_by(revisions.c.locked_until)
        .limit(BATCH)
        .with_for_update(of=revisions, skip_locked=True)
    )
    return call.session.execute(due).mappings().all()


def _extend(call: Call, row: Any, until: datetime) -> bool:
    """Lock the file further, said in the document's trail; False when the store has it no more."""
    try:
        call.store.lock(row["object_key"], row["object_version"], until)
    except NotFound:
        log.error("revision %s: its file %s is not in the store", row["id"], row["object_key"])
        return False
    fact = f"revision.{row['number']}.locked_until"
    call.leave_trail(
        subject_type="Document",
        subject_id=row["document_id"],
        agency_id=row["agency_id"],
        before={fact: row["locked_until"]},
        after={fact: until},
    )
    return True
