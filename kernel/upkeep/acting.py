"""What an operator does through a service: one transaction of its own, and who it was in its trail."""

from collections.abc import Iterator
from contextlib import contextmanager

from kernel.base import clock
from kernel.trust.identity import Actor
from kernel.work.call import Call
from kernel.work.context import ProcessContext
from kernel.work.unit_of_work import transaction


@contextmanager
def acting(means: ProcessContext, who: str, action: str) -> Iterator[Call]:
    """The operator's call; what it leaves in the trail stands there under `operator:<who>`."""
    actor = Actor.system(f"operator:{who}")
    origin = means.origin(actor, action, occurred_at=clock.business_now(), trace_id=None)
    with transaction(means.database, origin) as session:
        yield means.call(session=session, actor=actor, action=action)
