"""What people do with their notices."""

from uuid import UUID

from sqlalchemy import select, update

from contracts.notify.notices import MarkNoticesRead, NoticesRead
from kernel.base.ids import NOBODY
from kernel.work.call import Call
from kernel.work.operations import command
from services.notify.notices.queries import unread_count
from services.notify.notices.tables import notices


@command(MarkNoticesRead)
def mark_notices_read(call: Call, command: MarkNoticesRead) -> NoticesRead:
    """Mark the caller's own notices up to a number; those read before keep their moment."""
    person_id = call.actor.person_id or NOBODY
    marked = _mark(call, person_id, command.up_to_number)
    if marked:
        call.leave_trail(
            subject_type="Notice",
            subject_id=person_id,
            agency_id=call.actor.agency_id,
            after={"read_up_to": command.up_to_number, "marked": marked},
        )
    return NoticesRead(marked=marked, unread=unread_count(call.session, person_id))


def _mark(call: Call, person_id: UUID, up_to_number: int) -> int:
    """Mark notices as read, locked first: marking nothing writes nothing, also where two mark at once."""
    unread = select(notices.c.id).where(
        notices.c.person_id == person_id, notices.c.number <= up_to_number, notices.c.read_at.is_(None)
    )
    found = call.session.scalars(unread.order_by(notices.c.number).with_for_update()).all()
    if found:
        read = update(notices).where(notices.c.id.in_(found)).values(read_at=call.now())
        call.session.execute(read)
    return len(found)
