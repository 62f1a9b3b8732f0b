"""The copy of others' facts that cases needs: agencies, who holds what, and every procedure ever issued."""

from contracts.directory.events import PositionChanged
from kernel.data.projection import upsert
from kernel.work.call import Reaction
from kernel.work.operations import on
from services.cases.learnt.tables import positions


@on(PositionChanged)
def learn_position(call: Reaction, event: PositionChanged) -> None:
    """Who holds the position until when; a session grant may outlive the holding by minutes."""
    state = {
        "person_id": event.person_id,
        "agency_id": event.agency_id,
        "held_from": event.held_from,
        "held_to": event.held_to,
    }
    upsert(call.session, positions, {"id": event.position_id}, call.envelope.version, state)
