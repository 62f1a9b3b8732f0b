"""The management review: inputs frozen, decisions as tasks, the head's conclusion (9.3). Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from contracts.audits.events import ReviewConcluded, TaskAssigned
from contracts.audits.reviews import ReviewInputView, ReviewState, TaskState
from kernel.base.errors import Conflict, Forbidden, Invalid, NotFound
from org.acted import Acted
from services.audits.register.domain import OfAgency


@dataclass(eq=False, kw_only=True)
class ReviewTask:
    """A decision as a task; changed only through its review."""

    id: UUID
    review_id: UUID
    decision: str
    owner_id: UUID
    due_on: date
    decided_at: datetime
    state: TaskState = TaskState.OPEN
    done_by: UUID | None = None
    done_at: datetime | None = None
    done_note: str | None = None


@dataclass(eq=False, kw_only=True)
class Review(OfAgency):
    """One management review of an agency."""

    title: str
    period_from: date
    period_to: date
    held_on: date
    state: ReviewState = ReviewState.PLANNED
    inputs: list[ReviewInputView] = field(default_factory=list)
    inputs_frozen_at: datetime | None = None
    tasks: list[ReviewTask] = field(default_factory=list)
    conclusion: str | None = None
    is_effective: bool | None = None
    concluded_by: UUID | None = None
    concluded_at: datetime | None = None
    changes: int = 0

    def check(self) -> None:
        """Refuse a period that runs backwards, or a review held before its period ended."""
        if self.period_to < self.period_from:
            raise Invalid("period_backwards", "periodTo")
        if self.held_on < self.period_from:
            raise Invalid("review_before_period", "heldOn")

    def freeze(self, inputs: list[ReviewInputView], *, at: datetime) -> None:
        """Keep the inputs as they are now; later figures change nothing in them."""
        self._must_be(ReviewState.PLANNED)
        self.inputs, self.inputs_frozen_at, self.state = inputs, at, ReviewState.INPUTS_FROZEN
        self.changes += 1

    def decide(self, task: ReviewTask, *, today: date, by: Acted) -> None:
        """Record a decision as a task."""
        self._must_be(ReviewState.INPUTS_FROZEN)
        if task.due_on < today:
            raise Invalid("task_due_in_the_past", "dueOn", today=today.isoformat())
        self.tasks.append(task)
        self.changes += 1
        self.record(
            TaskAssigned(
                review_id=self.id,
                agency_id=self.agency_id,
                review_title=self.title,
                task_id=task.id,
                decision=task.decision,
                owner_id=task.owner_id,
                due_on=task.due_on,
                assigned_by=by.person_id or task.owner_id,
            )
        )

    def complete(self, task_id: UUID, *, note: str, by: Acted) -> None:
        """Report a task as done; that is its owner's."""
        task = next((each for each in self.tasks if each.id == task_id), None)
        if task is None:
            raise NotFound("task_not_found", "taskId")
        if by.person_id != task.owner_id:
            raise Forbidden("not_your_task")
        if task.state is not TaskState.OPEN:
            raise Conflict("not_in_this_state", state=task.state)
        task.state, task.done_note = TaskState.DONE, note
        task.done_by, task.done_at = by.person_id, by.at
        self.changes += 1

    def pass_on(self, giver_id: UUID, receiver_id: UUID) -> list[ReviewTask]:
        """Let another do what the giver has not done yet; which tasks those are."""
        theirs = [task for task in self.tasks if task.owner_id == giver_id and task.state is TaskState.OPEN]
        for task in theirs:
            task.owner_id = receiver_id
        self.changes += 1
        return theirs

    def conclude(self, *, conclusion: str, is_effective: bool, by: Acted) -> None:
        """Conclude, and confirm or deny that the system is effective (QĐ 19/2014, Điều 4)."""
        self._must_be(ReviewState.INPUTS_FROZEN)
        assert by.person_id is not None
        self.state, self.conclusion, self.is_effective = ReviewState.CONCLUDED, conclusion, is_effective
        self.concluded_by, self.concluded_at = by.person_id, by.at
        self.changes += 1
        self.record(
            ReviewConcluded(
                review_id=self.id,
                agency_id=self.agency_id,
                title=self.title,
                held_on=self.held_on,
                conclusion=conclusion,
                is_effective=is_effective,
                concluded_by=by.person_id,
            )
        )

    def _must_be(self, state: ReviewState) -> None:
        if self.state is not state:
            raise Conflict("not_in_this_state", state=self.state)
