"""The copy of others' facts that cases needs of positions."""

from contracts.directory.events import PositionChanged
from kernel.work.call import Reaction
from kernel.work.operations import on
from org.positions import project_position
from services.cases.learnt.tables import positions


@on(PositionChanged)
def learn_position(call: Reaction, event: PositionChanged) -> None:
    """Who holds the position until when; a session token may outlive the holding by minutes."""
    project_position(call.session, positions, event, call.envelope.version)
