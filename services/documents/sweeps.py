"""What documents do by themselves: keep the files of what is in force locked, drop dead reservations."""

from datetime import timedelta

from sqlalchemy import or_, select, update

from contracts.documents import RevisionState
from kernel.call import Call
from kernel.data import uploads
from services.documents import rules
from services.documents.tables import documents, revisions

BATCH = 50


def extend_locks(call: Call) -> int:
    """Extend the locks that run out soon, of revisions in force or lately superseded."""
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
        )
        .order_by(revisions.c.locked_until)
        .limit(BATCH)
        .with_for_update(of=revisions, skip_locked=True)
    )
    until = call.real_now() + timedelta(days=rule["lock_days"])
    rows = call.session.execute(due).mappings().all()
    for row in rows:
        call.store.lock(row["object_key"], row["object_version"], until)
        call.leave_trail(
            subject_type="Revision",
            subject_id=row["document_id"],
            agency_id=row["agency_id"],
            before={"locked_until": row["locked_until"]},
            after={"locked_until": until},
        )
    extended = revisions.c.id.in_([row["id"] for row in rows])
    call.session.execute(update(revisions).where(extended).values(locked_until=until))
    return len(rows)


def forget_reservations(call: Call) -> int:
    """Drop reservations that nobody used."""
    return uploads.forget_expired(call)
