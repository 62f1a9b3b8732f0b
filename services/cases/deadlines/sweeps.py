"""What cases does by itself: publishes what comes near its due time and what went past it, each once."""

from kernel.work.call import Call
from services.cases.clocks.calendars import keep_calendar
from services.cases.clocks.moments import this_second
from services.cases.dossiers.repository import DossierRepository

BATCH = 50

__all__ = ["keep_calendar", "watch_clocks"]


def watch_clocks(call: Call) -> int:
    """Look at the dossiers whose moment has come, and at no others; how many that were."""
    now = this_second(call)
    repository = DossierRepository(call)
    due = repository.due(now, BATCH)
    for dossier in due:
        dossier.look(now)
    repository.write_derived(due)
    return len(due)
