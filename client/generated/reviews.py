"""What is asked about reviews. Written by `make client`; change the operations instead."""

from collections.abc import Sequence
from typing import TypedDict

from client.caller import Caller, Day, Id, Shape
from client.generated.enums import ReviewState, TaskState
from client.generated.inputs import InputNoteInput


class ReviewNowTasksOwner(TypedDict):
    """What is asked of a Person."""

    id: str


class ReviewNowTasks(TypedDict):
    """What is asked of a ReviewTask."""

    id: str
    state: TaskState
    owner: ReviewNowTasksOwner | None


class ReviewNowInputs(TypedDict):
    """What is asked of a ReviewInput."""

    clause: str
    facts: str


class ReviewNow(TypedDict):
    """What is asked of a Review."""

    id: str
    version: int
    state: ReviewState
    isEffective: bool | None
    tasks: list[ReviewNowTasks]
    inputs: list[ReviewNowInputs]


PLAN_REVIEW = """
mutation PlanReview($input: PlanReviewInput!) { answer: planReview(input: $input) { __typename
...ReviewNow ... on Problem { code message remedy field } } } fragment ReviewNow on Review { id version
state isEffective tasks { id state owner { id } } inputs { clause facts } }
"""

FREEZE_INPUTS = """
mutation FreezeInputs($input: FreezeInputsInput!) { answer: freezeInputs(input: $input) { __typename
...ReviewNow ... on Problem { code message remedy field } } } fragment ReviewNow on Review { id version
state isEffective tasks { id state owner { id } } inputs { clause facts } }
"""

RECORD_DECISION = """
mutation RecordDecision($input: RecordDecisionInput!) { answer: recordDecision(input: $input) {
__typename ...ReviewNow ... on Problem { code message remedy field } } } fragment ReviewNow on Review {
id version state isEffective tasks { id state owner { id } } inputs { clause facts } }
"""

COMPLETE_TASK = """
mutation CompleteTask($input: CompleteTaskInput!) { answer: completeTask(input: $input) { __typename
...ReviewNow ... on Problem { code message remedy field } } } fragment ReviewNow on Review { id version
state isEffective tasks { id state owner { id } } inputs { clause facts } }
"""

CONCLUDE_REVIEW = """
mutation ConcludeReview($input: ConcludeReviewInput!) { answer: concludeReview(input: $input) {
__typename ...ReviewNow ... on Problem { code message remedy field } } } fragment ReviewNow on Review {
id version state isEffective tasks { id state owner { id } } inputs { clause facts } }
"""


class AboutReviews(Caller):
    """Operations about reviews."""

    async def plan_review(
        self,
        *,
        agency_id: Id,
        title: str,
        period_from: Day,
        period_to: Day,
        held_on: Day,
        request_id: Id | None = None,
    ) -> ReviewNow:
        """Plan the management review of a period (9.3.1)."""
        done: ReviewNow = await self._command(
            "planReview",
            PLAN_REVIEW,
            {
                "agency_id": agency_id,
                "title": title,
                "period_from": period_from,
                "period_to": period_to,
                "held_on": held_on,
                "request_id": request_id,
            },
        )
        return done

    async def freeze_inputs(
        self,
        *,
        review_id: Id,
        expected_version: int,
        request_id: Id | None = None,
        notes: Sequence[InputNoteInput | Shape] | None = None,
    ) -> ReviewNow:
        """Assemble the inputs of clause 9.3.2 from live figures and keep them as they are now."""
        done: ReviewNow = await self._command(
            "freezeInputs",
            FREEZE_INPUTS,
            {
                "review_id": review_id,
                "expected_version": expected_version,
                "request_id": request_id,
                "notes": notes,
            },
        )
        return done

    async def record_decision(
        self,
        *,
        review_id: Id,
        expected_version: int,
        decision: str,
        owner_id: Id,
        due_on: Day,
        request_id: Id | None = None,
    ) -> ReviewNow:
        """Record a decision as a task (9.3.3)."""
        done: ReviewNow = await self._command(
            "recordDecision",
            RECORD_DECISION,
            {
                "review_id": review_id,
                "expected_version": expected_version,
                "decision": decision,
                "owner_id": owner_id,
                "due_on": due_on,
                "request_id": request_id,
            },
        )
        return done

    async def complete_task(
        self, *, review_id: Id, expected_version: int, task_id: Id, note: str, request_id: Id | None = None
    ) -> ReviewNow:
        """Report a task of a review as done; by its owner."""
        done: ReviewNow = await self._command(
            "completeTask",
            COMPLETE_TASK,
            {
                "review_id": review_id,
                "expected_version": expected_version,
                "task_id": task_id,
                "note": note,
                "request_id": request_id,
            },
        )
        return done

    async def conclude_review(
        self,
        *,
        review_id: Id,
        expected_version: int,
        conclusion: str,
        is_effective: bool,
        request_id: Id | None = None,
    ) -> ReviewNow:
        """Conclude the review and say whether the system is effective (xác nhận hiệu lực); by the head."""
        done: ReviewNow = await self._command(
            "concludeReview",
            CONCLUDE_REVIEW,
            {
                "review_id": review_id,
                "expected_version": expected_version,
                "conclusion": conclusion,
                "is_effective": is_effective,
                "request_id": request_id,
            },
        )
        return done
