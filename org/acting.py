"""What every command asks before it changes a thing, and who acts in it."""

from datetime import datetime
from uuid import UUID

from kernel.base.errors import Conflict
from kernel.work.call import Call
from org.acted import Acted


def expect_open(call: Call, *, agency_id: UUID, is_as_seen: bool, state: str | None = None) -> None:
    """Refuse unless the caller may do this in the agency, and looked at the thing as it is now.

    A stale copy is reported before the state is: a caller who looks at an old state should look anew.
    """
    if call.policy.needs_agency(call.action):
        call.require(agency_id=agency_id)
    if not is_as_seen:
        raise Conflict("changed_meanwhile", "expectedVersion")
    if state is not None:
        call.require(agency_id=agency_id, state=state)


def acted(call: Call, at: datetime | None = None) -> Acted:
    """The caller, now or at a moment, as position and on whose behalf the session says."""
    actor = call.actor
    return Acted(
        person_id=actor.person_id,
        position_id=actor.position_id,
        on_behalf_of=actor.on_behalf_of,
        at=at or call.now(),
    )
