"""The event log of a service as other services read it, to catch up with what never reached their queues."""

from contracts.base import EventLog, EventsAfter
from kernel.work import outbox
from kernel.work.call import Call
from kernel.work.operations import query


@query(EventsAfter)
def events_after(call: Call, question: EventsAfter) -> EventLog:
    """A stretch of this service's event log, for a consumer that catches up."""
    return outbox.events_after(call.session, question)
