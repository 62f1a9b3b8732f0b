"""Whether the caller still holds the position that the session was begun with."""

from sqlalchemy import select

from kernel.base.errors import Forbidden
from kernel.work.call import Call
from services.cases.learnt.tables import positions


def check_still_appointed(call: Call) -> None:
    """Refuse an actor who no longer holds their position: a session outlives the holding by some minutes."""
    position = call.actor.position_id
    if position is None:
        return
    wanted = select(positions.c.held_from, positions.c.held_to).where(positions.c.id == position)
    held = call.session.execute(wanted).first()
    today = call.today()
    if held and not (held.held_from <= today and (held.held_to is None or today < held.held_to)):
        raise Forbidden("acting_position_ended")
