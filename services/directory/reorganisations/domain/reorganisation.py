"""An act that changes agencies, from its request until it was applied or taken back."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from contracts.directory.events import AgenciesReorganised
from contracts.directory.reorganisations import AgencyPart, ReorganisationPlan, ReorganisationState
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Refusal
from services.directory.agencies.domain.outcome import Outcome


@dataclass(eq=False, kw_only=True)
class Concerned:
    """An agency that an act concerns."""

    reorganisation_id: UUID
    agency_id: UUID
    part: AgencyPart


@dataclass(eq=False, kw_only=True)
class Reorganisation(Aggregate):
    """The act with its whole plan; its effect stands in the agencies."""

    agency_id: UUID
    state: ReorganisationState = ReorganisationState.SCHEDULED
    effective_on: date
    plan: ReorganisationPlan
    concerned: list[Concerned] = field(default_factory=list)
    requested_by: UUID | None
    requested_at: datetime
    applied_at: datetime | None = None
    cancelled_at: datetime | None = None
    reason: str | None = None
    failure: dict[str, Any] | None = None

    @classmethod
    def request(
        cls,
        *,
        id: UUID,
        agency_id: UUID,
        plan: ReorganisationPlan,
        outcome: Outcome,
        requested_by: UUID | None,
        now: datetime,
    ) -> Self:
        """An act that was judged and can be applied, or wait for its day."""
        act = cls(
            id=id,
            agency_id=agency_id,
            effective_on=plan.effective_on,
            plan=plan,
            requested_by=requested_by,
            requested_at=now,
        )
        act.concerned = act._concern(outcome)
        return act

    def apply(self, outcome: Outcome, now: datetime) -> None:
        """Give the act its effect from now on, reckoned from its effective date."""
        self.state, self.applied_at = ReorganisationState.APPLIED, now
        known = {each.agency_id: each for each in self.concerned}
        for each in self._concern(outcome):
            # What was judged on the day of the request may concern more by the time it is applied.
            if each.agency_id not in known:
                self.concerned.append(each)
            else:
                known[each.agency_id].part = each.part
        self.record(self.as_event(outcome))

    def as_event(self, outcome: Outcome) -> AgenciesReorganised:
        """The event by which others hear of the act."""
        return AgenciesReorganised(
            reorganisation_id=self.id,
            effective_on=self.effective_on,
            basis=self.plan.basis,
            created=tuple(outcome.created),
            changed=tuple(outcome.changed),
            ended=tuple(outcome.ended),
            successions=tuple(outcome.successions),
            continuations=tuple(outcome.continuations),
        )

    def fail(self, refusal: Refusal) -> None:
        """Note that the act could not be applied on its day; nothing of it was done."""
        self.state, self.failure = ReorganisationState.FAILED, refusal.as_data()

    def cancel(self, reason: str, today: date, now: datetime) -> None:
        """Take it back before its day."""
        if self.state is not ReorganisationState.SCHEDULED:
            raise Conflict("reorganisation_not_waiting", "reorganisationId", state=self.state.value)
        if self.effective_on <= today:
            raise Conflict(
                "reorganisation_is_due", "reorganisationId", day=self.effective_on.strftime("%d/%m/%Y")
            )
        self.state, self.cancelled_at, self.reason = ReorganisationState.CANCELLED, now, reason

    def _concern(self, outcome: Outcome) -> list[Concerned]:
        return [
            Concerned(reorganisation_id=self.id, agency_id=agency_id, part=part)
            for agency_id, part in outcome.parts.items()
        ]
