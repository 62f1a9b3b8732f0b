"""A nonconformity: put right, its cause found, acted on, verified by another, closed (10.2). Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from contracts.audits.events import ActionAssigned, NonconformityChanged
from contracts.audits.nonconformities import ActionState, NonconformitySource, NonconformityState, Severity
from kernel.base.errors import Conflict, Forbidden, Invalid, NotFound
from org.acted import Acted
from services.audits.register.domain import OfAgency


@dataclass(eq=False, kw_only=True)
class CorrectiveAction:
    """A step against the cause; changed only through its nonconformity."""

    id: UUID
    nonconformity_id: UUID
    description: str
    owner_id: UUID
    due_on: date
    planned_at: datetime
    state: ActionState = ActionState.PLANNED
    done_by: UUID | None = None
    done_at: datetime | None = None
    done_note: str | None = None
    verified_by: UUID | None = None
    verified_at: datetime | None = None
    verification_note: str | None = None


@dataclass(eq=False, kw_only=True)
class Nonconformity(OfAgency):
    """One entry of the register."""

    number: str
    source: NonconformitySource
    severity: Severity
    description: str
    raised_at: datetime
    raised_by: UUID | None = None
    clause: str | None = None
    document_id: UUID | None = None
    finding_id: UUID | None = None
    state: NonconformityState = NonconformityState.OPEN
    occurrences: int = 1
    needs_corrective_action: bool = False
    correction: str | None = None
    corrected_by: UUID | None = None
    corrected_at: datetime | None = None
    cause: str | None = None
    closed_by: UUID | None = None
    closed_at: datetime | None = None
    actions: list[CorrectiveAction] = field(default_factory=list)
    changes: int = 0

    def raise_it(self) -> None:
        """Enter it into the register."""
        self.changes += 1
        self.record(self._changed(raised=True))

    def occur_again(self, *, repeats_until_action: int) -> None:
        """The same came to light once more; from so many repeats on the cause must be found (10.2.1 b)."""
        self._must_be_open()
        self.occurrences += 1
        self.needs_corrective_action |= self.occurrences >= repeats_until_action
        self._moved()

    def correct(self, *, correction: str, by: Acted) -> None:
        """Say what was done at once; saying it again replaces it until the thing is closed."""
        self._must_be_open()
        self.correction, self.corrected_by, self.corrected_at = correction, by.person_id, by.at
        if self.state is NonconformityState.OPEN:
            self.state = NonconformityState.CORRECTED
        self._moved()

    def find_cause(self, *, cause: str) -> None:
        """Say why it happened."""
        self._must_be_open()
        self.cause = cause
        self._moved()

    def plan(self, action: CorrectiveAction, *, today: date, by: Acted) -> None:
        """Plan an action against the cause, which must be known first."""
        self._must_be_open()
        if self.cause is None:
            raise Conflict("cause_not_found_yet")
        if action.due_on < today:
            raise Invalid("action_due_in_the_past", "dueOn", today=today.isoformat())
        self.actions.append(action)
        self.state = NonconformityState.ACTION_UNDER_WAY
        self._moved()
        self.record(
            ActionAssigned(
                nonconformity_id=self.id,
                number=self.number,
                agency_id=self.agency_id,
                action_id=action.id,
                description=action.description,
                owner_id=action.owner_id,
                due_on=action.due_on,
                assigned_by=by.person_id or action.owner_id,
            )
        )

    def complete(self, action_id: UUID, *, note: str, by: Acted) -> None:
        """Report an action as done; that is its owner's."""
        action = self._action(action_id, ActionState.PLANNED)
        if by.person_id != action.owner_id:
            raise Forbidden("not_your_action")
        action.state, action.done_note = ActionState.DONE, note
        action.done_by, action.done_at = by.person_id, by.at
        self._moved()

    def verify(self, action_id: UUID, *, is_effective: bool, note: str, by: Acted) -> None:
        """Find an action effective, or plan it anew; never by the person who did it."""
        action = self._action(action_id, ActionState.DONE)
        if by.is_of(action.done_by):
            raise Forbidden("verifier_did_it")
        action.verification_note = note
        action.verified_by, action.verified_at = by.person_id, by.at
        action.state = ActionState.VERIFIED if is_effective else ActionState.PLANNED
        self._moved()

    def close(self, *, by: Acted) -> None:
        """Close it once it is corrected, acted on where it must be, and every action verified."""
        self._must_be_open()
        if self.correction is None:
            raise Conflict("not_corrected_yet")
        if any(action.state is not ActionState.VERIFIED for action in self.actions):
            raise Conflict("action_still_open")
        if self.needs_corrective_action and not self.actions:
            raise Conflict("corrective_action_needed")
        self.state, self.closed_by, self.closed_at = NonconformityState.CLOSED, by.person_id, by.at
        self._moved()

    def pass_on(self, giver_id: UUID, receiver_id: UUID) -> list[CorrectiveAction]:
        """Let another do what the giver has not done yet; which actions those are."""
        theirs = [a for a in self.actions if a.owner_id == giver_id and a.state is ActionState.PLANNED]
        for action in theirs:
            action.owner_id = receiver_id
        self._moved()
        return theirs

    def _must_be_open(self) -> None:
        if self.state is NonconformityState.CLOSED:
            raise Conflict("nonconformity_closed", number=self.number)

    def _action(self, action_id: UUID, state: ActionState) -> CorrectiveAction:
        self._must_be_open()
        action = next((each for each in self.actions if each.id == action_id), None)
        if action is None:
            raise NotFound("action_not_found", "actionId")
        if action.state is not state:
            raise Conflict("not_in_this_state", state=action.state)
        return action

    def _moved(self) -> None:
        self.changes += 1
        self.record(self._changed(raised=False))

    def _changed(self, *, raised: bool) -> NonconformityChanged:
        return NonconformityChanged(
            nonconformity_id=self.id,
            number=self.number,
            agency_id=self.agency_id,
            source=self.source,
            severity=self.severity,
            state=self.state,
            description=self.description,
            raised=raised,
            finding_id=self.finding_id,
            document_id=self.document_id,
        )
