"""What a process of a service works with: settings, database, keys, publishers and its own resources."""

from dataclasses import dataclass, field
from typing import Any

from kernel.data.database import Database
from kernel.data.store import ObjectStore
from kernel.trust.heeding import Heeding
from kernel.trust.identity import Actor, Verifier
from kernel.trust.policy import Policy
from kernel.trust.reach import Reaching
from kernel.trust.trail import Origin
from kernel.work.call import Call
from kernel.work.unit_of_work import Constraints


@dataclass(kw_only=True)
class ProcessContext:
    """Made once by the launcher and handed to everything that runs in the process."""

    service: str
    settings: Any
    database: Database
    verifier: Verifier
    policy: Policy
    publishers: Any
    """The pool of connections that publish (`kernel.bus.publisher`); what stands here knows no bus."""
    store: ObjectStore
    reaching: Reaching
    resources: Any = None
    peers: frozenset[str] = frozenset()
    constraints: Constraints = field(default_factory=dict)
    heeding: Heeding = field(init=False)

    def __post_init__(self) -> None:
        self.heeding = Heeding(self.database)

    def origin(
        self,
        call_actor: Actor,
        action: str,
        *,
        occurred_at: Any,
        trace_id: str | None,
        request_id: Any = None,
    ) -> Origin:
        """Where a unit of work comes from; the action is `service:method` in the trail's vocabulary."""
        return Origin(
            actor=call_actor,
            action=f"{self.service}:{action}",
            occurred_at=occurred_at,
            trace_id=trace_id,
            request_id=request_id,
        )

    def call(self, kind: type[Call] = Call, **given: Any) -> Any:
        """A `Call` or `Reaction` with this process's policy, settings and resources."""
        return kind(
            service=self.service,
            policy=self.policy,
            settings=self.settings,
            store=self.store,
            reaching=self.reaching,
            resources=self.resources,
            **given,
        )
