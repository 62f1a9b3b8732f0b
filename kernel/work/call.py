"""What a handler is given: the open transaction, who asks, and the means to decide."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.base import Envelope, Event
from kernel.base import clock
from kernel.base.errors import Conflict, Forbidden
from kernel.data.store import ObjectStore
from kernel.trust.identity import Actor
from kernel.trust.policy import Policy
from kernel.trust.reach import Reach, Reaching
from kernel.trust.trail import Entry
from kernel.work.outbox import NewEvent
from kernel.work.unit_of_work import work_of


@dataclass(kw_only=True)
class Call:
    """One command, question, reaction, sweep or step of a job, inside its transaction."""

    session: Session
    actor: Actor
    service: str
    action: str
    policy: Policy
    settings: Any
    store: ObjectStore
    reaching: Reaching
    resources: Any = None
    request_id: UUID | None = None
    trace_id: str | None = None
    address: str | None = None
    """Where a command comes from that is judged by that too (`contracts.base.Addressed`)."""
    asked_policy: bool = field(default=False, init=False)

    def now(self) -> datetime:
        """The business moment, UTC."""
        return clock.business_now()

    def today(self) -> date:
        """The business date in Vietnam."""
        return clock.today()

    def real_now(self) -> datetime:
        """The real moment, UTC: for tokens, expiry and retries."""
        return clock.now()

    def require(self, *, agency_id: UUID, state: str | None = None) -> None:
        """Refuse unless the policy lets this actor do this action in that agency, in that state."""
        self.asked_policy = True
        if self.actor.is_system:
            return
        if not self.may_reach(agency_id, self.policy.roles_of(self.actor, self.action, None)):
            raise Forbidden("not_permitted")
        if state is None:
            return
        if not self.policy.is_open_in(self.action, state):
            raise Conflict("not_in_this_state", state=state)
        if not self.may_reach(agency_id, self.policy.roles_of(self.actor, self.action, state)):
            raise Forbidden("not_permitted")

    def may_reach(self, agency_id: UUID, roles: Iterable[str]) -> bool:
        """Whether one of `roles`, as this actor holds them, reaches the agency today."""
        wanted = set(roles)
        held = [each for each in self.actor.roles if each.role in wanted]
        return self.reaching.may_reach(self.session, held, agency_id, self.today())

    def reach(self, roles: Iterable[str] | None = None) -> Reach:
        """The agencies whose things this actor may see: the own one and what its roles reach.

        By some `roles` alone belonging to an agency is not enough: one of them must reach it.
        """
        if self.actor.is_system:
            return Reach(everything=True)
        wanted = set(roles) if roles is not None else None
        held = [each for each in self.actor.roles if wanted is None or each.role in wanted]
        own = self.actor.agency_id if wanted is None else None
        return self.reaching.reach(self.session, held, own, self.today())

    def reach_permitted(self) -> Reach:
        """The agencies where this actor may do this action: for what only some roles may ask."""
        return self.reach(self.policy.roles_of(self.actor, self.action, None))

    def reach_of(self, sight: str) -> Reach:
        """The agencies in whose things this actor sees what the policy shows to some roles only."""
        return self.reach(self.policy.sights[sight])

    def because(self, reason: str | None) -> None:
        """Why: goes with every trail row of this transaction."""
        work_of(self.session).reason = reason

    def publish(self, aggregate_id: UUID, version: int, event: Event) -> None:
        """Publish an event that no aggregate records (bulk work); at most once per aggregate version."""
        work_of(self.session).new_events.append(
            NewEvent(aggregate_id=aggregate_id, version=version, event=event)
        )

    def leave_trail(
        self,
        *,
        subject_type: str,
        subject_id: UUID,
        agency_id: UUID | None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str | None = None,
        action: str | None = None,
    ) -> None:
        """Leave a trail row for a change that is not an aggregate's; `because` gives its reason too."""
        entry = Entry(
            subject_type=subject_type,
            subject_id=subject_id,
            agency_id=agency_id,
            before=before,
            after=after,
            reason=reason or work_of(self.session).reason,
            action=action,
        )
        work_of(self.session).entries.append(entry)


@dataclass(kw_only=True)
class Reaction(Call):
    """A reaction to another service's event, with what is known of that event."""

    envelope: Envelope
