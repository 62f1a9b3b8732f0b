"""The copy of others' facts that documents need: which agencies there are and which stand below which."""

from contracts.directory.events import AgenciesReorganised, AgencyChanged
from kernel.call import Reaction
from kernel.trust import visibility


def learn_agency(call: Reaction, event: AgencyChanged) -> None:
    """Keep the agency as its latest version says."""
    visibility.learn_agency(call.session, event, call.envelope.version)


def learn_successions(call: Reaction, event: AgenciesReorganised) -> None:
    """Keep who took over from whom."""
    visibility.learn_successions(call.session, event)
