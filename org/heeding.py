"""Rights that ended are heeded by every service that hears of it; the directory itself knows."""

from contracts.directory.events import AuthorityEnded
from kernel.trust import heeding
from kernel.work.call import Reaction
from kernel.work.operations import on


@on(AuthorityEnded, in_every_process=True)
def heed_authority_ended(call: Reaction, event: AuthorityEnded) -> None:
    """Refuse from now on what was granted by it."""
    heeding.note(call.session, event, call.envelope.version, call.envelope.recorded_at)
