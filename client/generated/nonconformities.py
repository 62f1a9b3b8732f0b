"""What is asked about nonconformities. Written by `make client`; change the operations instead."""

from enum import Enum
from typing import TypedDict

from client.caller import Caller, Day, Id
from client.generated.enums import ActionState, NonconformitySource, NonconformityState, Severity


class NonconformityNowActions(TypedDict):
    """What is asked of a CorrectiveAction."""

    id: str
    state: ActionState


class NonconformityNow(TypedDict):
    """What is asked of a Nonconformity."""

    id: str
    version: int
    number: str
    state: NonconformityState
    source: NonconformitySource
    occurrences: int
    needsCorrectiveAction: bool
    correction: str | None
    cause: str | None
    actions: list[NonconformityNowActions]


class NonconformitiesOfDocument(TypedDict):
    """What is asked of a Document."""

    code: str


class NonconformitiesOf(TypedDict):
    """What is asked of a Nonconformity."""

    id: str
    version: int
    number: str
    state: NonconformityState
    source: NonconformitySource
    occurrences: int
    needsCorrectiveAction: bool
    correction: str | None
    cause: str | None
    actions: list[NonconformityNowActions]
    clause: str | None
    description: str
    document: NonconformitiesOfDocument | None


RAISE_NONCONFORMITY = """
mutation RaiseNonconformity($input: RaiseNonconformityInput!) { answer: raiseNonconformity(input: $input)
{ __typename ...NonconformityNow ... on Problem { code message remedy field } } } fragment
NonconformityNow on Nonconformity { id version number state source occurrences needsCorrectiveAction
correction cause actions { id state } }
"""

RECORD_CORRECTION = """
mutation RecordCorrection($input: RecordCorrectionInput!) { answer: recordCorrection(input: $input) {
__typename ...NonconformityNow ... on Problem { code message remedy field } } } fragment NonconformityNow
on Nonconformity { id version number state source occurrences needsCorrectiveAction correction cause
actions { id state } }
"""

RECORD_CAUSE = """
mutation RecordCause($input: RecordCauseInput!) { answer: recordCause(input: $input) { __typename
...NonconformityNow ... on Problem { code message remedy field } } } fragment NonconformityNow on
Nonconformity { id version number state source occurrences needsCorrectiveAction correction cause actions
{ id state } }
"""

PLAN_ACTION = """
mutation PlanAction($input: PlanActionInput!) { answer: planAction(input: $input) { __typename
...NonconformityNow ... on Problem { code message remedy field } } } fragment NonconformityNow on
Nonconformity { id version number state source occurrences needsCorrectiveAction correction cause actions
{ id state } }
"""

COMPLETE_ACTION = """
mutation CompleteAction($input: CompleteActionInput!) { answer: completeAction(input: $input) {
__typename ...NonconformityNow ... on Problem { code message remedy field } } } fragment NonconformityNow
on Nonconformity { id version number state source occurrences needsCorrectiveAction correction cause
actions { id state } }
"""

VERIFY_ACTION = """
mutation VerifyAction($input: VerifyActionInput!) { answer: verifyAction(input: $input) { __typename
...NonconformityNow ... on Problem { code message remedy field } } } fragment NonconformityNow on
Nonconformity { id version number state source occurrences needsCorrectiveAction correction cause actions
{ id state } }
"""

CLOSE_NONCONFORMITY = """
mutation CloseNonconformity($input: CloseNonconformityInput!) { answer: closeNonconformity(input: $input)
{ __typename ...NonconformityNow ... on Problem { code message remedy field } } } fragment
NonconformityNow on Nonconformity { id version number state source occurrences needsCorrectiveAction
correction cause actions { id state } }
"""

NONCONFORMITIES_OF = """
query NonconformitiesOf($agencyId: UUID!, $after: String) { nonconformities(agencyId: $agencyId, first:
100, after: $after) { edges { node { ...NonconformityNow clause description document { code } } }
pageInfo { hasNextPage endCursor } } } fragment NonconformityNow on Nonconformity { id version number
state source occurrences needsCorrectiveAction correction cause actions { id state } }
"""


class AboutNonconformities(Caller):
    """Operations about nonconformities."""

    async def raise_nonconformity(
        self,
        *,
        agency_id: Id,
        severity: Severity | Enum,
        description: str,
        request_id: Id | None = None,
        clause: str | None = None,
        document_id: Id | None = None,
    ) -> NonconformityNow:
        """Enter a nonconformity by hand."""
        done: NonconformityNow = await self._command(
            "raiseNonconformity",
            RAISE_NONCONFORMITY,
            {
                "agency_id": agency_id,
                "severity": severity,
                "description": description,
                "request_id": request_id,
                "clause": clause,
                "document_id": document_id,
            },
        )
        return done

    async def record_correction(
        self, *, nonconformity_id: Id, expected_version: int, correction: str, request_id: Id | None = None
    ) -> NonconformityNow:
        """Say what was done at once to put it right (correction, not yet the cause)."""
        done: NonconformityNow = await self._command(
            "recordCorrection",
            RECORD_CORRECTION,
            {
                "nonconformity_id": nonconformity_id,
                "expected_version": expected_version,
                "correction": correction,
                "request_id": request_id,
            },
        )
        return done

    async def record_cause(
        self, *, nonconformity_id: Id, expected_version: int, cause: str, request_id: Id | None = None
    ) -> NonconformityNow:
        """Say why it happened."""
        done: NonconformityNow = await self._command(
            "recordCause",
            RECORD_CAUSE,
            {
                "nonconformity_id": nonconformity_id,
                "expected_version": expected_version,
                "cause": cause,
                "request_id": request_id,
            },
        )
        return done

    async def plan_action(
        self,
        *,
        nonconformity_id: Id,
        expected_version: int,
        description: str,
        owner_id: Id,
        due_on: Day,
        request_id: Id | None = None,
    ) -> NonconformityNow:
        """Plan a corrective action against the cause."""
        done: NonconformityNow = await self._command(
            "planAction",
            PLAN_ACTION,
            {
                "nonconformity_id": nonconformity_id,
                "expected_version": expected_version,
                "description": description,
                "owner_id": owner_id,
                "due_on": due_on,
                "request_id": request_id,
            },
        )
        return done

    async def complete_action(
        self,
        *,
        nonconformity_id: Id,
        expected_version: int,
        action_id: Id,
        note: str,
        request_id: Id | None = None,
    ) -> NonconformityNow:
        """Report a corrective action as done."""
        done: NonconformityNow = await self._command(
            "completeAction",
            COMPLETE_ACTION,
            {
                "nonconformity_id": nonconformity_id,
                "expected_version": expected_version,
                "action_id": action_id,
                "note": note,
                "request_id": request_id,
            },
        )
        return done

    async def verify_action(
        self,
        *,
        nonconformity_id: Id,
        expected_version: int,
        action_id: Id,
        is_effective: bool,
        note: str,
        request_id: Id | None = None,
    ) -> NonconformityNow:
        """Find an action effective, or send it back; never by the person who did it."""
        done: NonconformityNow = await self._command(
            "verifyAction",
            VERIFY_ACTION,
            {
                "nonconformity_id": nonconformity_id,
                "expected_version": expected_version,
                "action_id": action_id,
                "is_effective": is_effective,
                "note": note,
                "request_id": request_id,
            },
        )
        return done

    async def close_nonconformity(
        self, *, nonconformity_id: Id, expected_version: int, request_id: Id | None = None
    ) -> NonconformityNow:
        """Close it; refused while it is not corrected, or an action is open."""
        done: NonconformityNow = await self._command(
            "closeNonconformity",
            CLOSE_NONCONFORMITY,
            {
                "nonconformity_id": nonconformity_id,
                "expected_version": expected_version,
                "request_id": request_id,
            },
        )
        return done

    async def nonconformities_of(self, *, agency_id: Id) -> list[NonconformitiesOf]:
        """The register of what the caller reaches, newest first."""
        found: list[NonconformitiesOf] = await self._every(
            "nonconformities", NONCONFORMITIES_OF, agencyId=agency_id
        )
        return found
