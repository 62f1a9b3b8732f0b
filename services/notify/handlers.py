"""What people do with their notices."""

from sqlalchemy import update

from contracts.notify import MarkNoticesRead, NoticesRead
from kernel.call import Call
from kernel.data.ids import NOBODY
from services.notify.queries import unread_count
from services.notify.tables import notices


def mark_notices_read(call: Call, command: MarkNoticesRead) -> NoticesRead:
    """Mark the caller's own notices up to a number; those read before keep their moment."""
    person_id = call.actor.person_id or NOBODY
    read = (
        update(notices)
        .where(
            notices.c.person_id == person_id,
            notices.c.number <= command.up_to_number,
            notices.c.read_at.is_(None),
        )
        .values(read_at=call.now())
        .returning(notices.c.number)
    )
    marked = len(call.session.scalars(read).all())
    if marked:
        call.leave_trail(
            subject_type="Notice",
            subject_id=person_id,
            agency_id=call.actor.agency_id,
            after={"read_up_to": command.up_to_number, "marked": marked},
        )
    return NoticesRead(marked=marked, unread=unread_count(call.session, person_id))
