"""What is asked about dossiers. Written by `make client`; change the operations instead."""

from collections.abc import Sequence
from typing import TypedDict

from client.caller import Caller, Day, Id, Moment, Shape
from client.generated.enums import DossierStatus, Outcome, StepStatus
from client.generated.inputs import BlockAgencyInput


class DossierNowHolder(TypedDict):
    """What is asked of a Agency."""

    code: str


class DossierNowSteps(TypedDict):
    """What is asked of a DossierStep."""

    seq: int
    number: str
    status: StepStatus


class DossierNow(TypedDict):
    """What is asked of a Dossier."""

    id: str
    version: int
    number: str
    status: DossierStatus
    revisionNumber: int
    dueAt: str | None
    outcome: Outcome | None
    stepSeq: int | None
    isOverdue: bool
    holder: DossierNowHolder | None
    steps: list[DossierNowSteps]


class UpsertDossiersVerdicts(TypedDict):
    """What is asked of a LineVerdict."""

    line: int
    number: str | None
    code: str | None
    field: str | None
    vi: str | None


class UpsertDossiers(TypedDict):
    """What is asked of a SyncReport."""

    created: int
    updated: int
    unchanged: int
    refused: int
    verdicts: list[UpsertDossiersVerdicts]


class DossiersOfCompetentAgency(TypedDict):
    """What is asked of a Agency."""

    id: str


class DossiersOf(TypedDict):
    """What is asked of a Dossier."""

    isSynced: bool
    status: DossierStatus
    isOverdue: bool
    outcome: Outcome | None
    competentAgency: DossiersOfCompetentAgency | None


class DossierDeadlineDeadlineExplanationSegments(TypedDict):
    """What is asked of a ExplainedSegment."""

    start: str
    end: str | None
    kind: str
    countedSeconds: int
    vi: str
    notice: str | None


class DossierDeadlineDeadlineExplanation(TypedDict):
    """What is asked of a DeadlineExplanation."""

    dueAt: str | None
    allowedSeconds: int
    countedSeconds: int
    remainingSeconds: int
    segments: list[DossierDeadlineDeadlineExplanationSegments]


class DossierDeadline(TypedDict):
    """What is asked of a Dossier."""

    deadlineExplanation: DossierDeadlineDeadlineExplanation | None


class DossierFigures(TypedDict):
    """What is asked of a DossierFigures."""

    received: int
    finished: int
    onTime: int
    late: int
    overdueOpen: int


REGISTER_DOSSIER = """
mutation RegisterDossier($input: RegisterDossierInput!) { answer: registerDossier(input: $input) {
__typename ...DossierNow ... on Problem { code message remedy field } } } fragment DossierNow on Dossier
{ id version number status revisionNumber dueAt outcome stepSeq isOverdue holder { code } steps { seq
number status } }
"""

HAND_OVER = """
mutation HandOver($input: HandOverInput!) { answer: handOver(input: $input) { __typename ...DossierNow
... on Problem { code message remedy field } } } fragment DossierNow on Dossier { id version number
status revisionNumber dueAt outcome stepSeq isOverdue holder { code } steps { seq number status } }
"""

ACKNOWLEDGE_HAND_OVER = """
mutation AcknowledgeHandOver($input: AcknowledgeHandOverInput!) { answer: acknowledgeHandOver(input:
$input) { __typename ...DossierNow ... on Problem { code message remedy field } } } fragment DossierNow
on Dossier { id version number status revisionNumber dueAt outcome stepSeq isOverdue holder { code }
steps { seq number status } }
"""

PAUSE_DOSSIER = """
mutation PauseDossier($input: PauseDossierInput!) { answer: pauseDossier(input: $input) { __typename
...DossierNow ... on Problem { code message remedy field } } } fragment DossierNow on Dossier { id
version number status revisionNumber dueAt outcome stepSeq isOverdue holder { code } steps { seq number
status } }
"""

RESUME_DOSSIER = """
mutation ResumeDossier($input: ResumeDossierInput!) { answer: resumeDossier(input: $input) { __typename
...DossierNow ... on Problem { code message remedy field } } } fragment DossierNow on Dossier { id
version number status revisionNumber dueAt outcome stepSeq isOverdue holder { code } steps { seq number
status } }
"""

FINISH_DOSSIER = """
mutation FinishDossier($input: FinishDossierInput!) { answer: finishDossier(input: $input) { __typename
...DossierNow ... on Problem { code message remedy field } } } fragment DossierNow on Dossier { id
version number status revisionNumber dueAt outcome stepSeq isOverdue holder { code } steps { seq number
status } }
"""

UPSERT_DOSSIERS = """
mutation UpsertDossiers($input: UpsertDossiersInput!) { answer: upsertDossiers(input: $input) {
__typename ... on SyncReport { created updated unchanged refused verdicts { line number code field vi } }
... on Problem { code message remedy field } } }
"""

DOSSIERS_OF = """
query DossiersOf($agencyId: UUID!, $after: String) { dossiers(agencyId: $agencyId, first: 100, after:
$after) { edges { node { isSynced status isOverdue outcome competentAgency { id } } } pageInfo {
hasNextPage endCursor } } }
"""

DOSSIER_DEADLINE = """
query DossierDeadline($id: UUID!) { dossier(id: $id) { deadlineExplanation { dueAt allowedSeconds
countedSeconds remainingSeconds segments { start end kind countedSeconds vi notice } } } }
"""

DOSSIER_FIGURES = """
query DossierFigures($agencyIds: [UUID!], $fromMonth: Date, $toMonth: Date) { dossierFigures(agencyIds:
$agencyIds, fromMonth: $fromMonth, toMonth: $toMonth) { received finished onTime late overdueOpen } }
"""


class AboutDossiers(Caller):
    """Operations about dossiers."""

    async def register_dossier(
        self,
        *,
        agency_id: Id,
        number: str,
        request_id: Id | None = None,
        document_id: Id | None = None,
        tthc_code: str | None = None,
        received_at: Moment | None = None,
        applicant_name: str | None = None,
        competent_agency_id: Id | None = None,
        supporting_agency_ids: Sequence[Id] | None = None,
        coordinating_agency_ids: Sequence[Id] | None = None,
        blocks: Sequence[BlockAgencyInput | Shape] | None = None,
    ) -> DossierNow:
        """Receive a dossier: its procedure by document or by TTHC code, as in force on the day of
        receipt."""
        done: DossierNow = await self._command(
            "registerDossier",
            REGISTER_DOSSIER,
            {
                "agency_id": agency_id,
                "number": number,
                "request_id": request_id,
                "document_id": document_id,
                "tthc_code": tthc_code,
                "received_at": received_at,
                "applicant_name": applicant_name,
                "competent_agency_id": competent_agency_id,
                "supporting_agency_ids": supporting_agency_ids,
                "coordinating_agency_ids": coordinating_agency_ids,
                "blocks": blocks,
            },
        )
        return done

    async def hand_over(
        self,
        *,
        dossier_id: Id,
        expected_version: int,
        step: int,
        request_id: Id | None = None,
        note: str | None = None,
    ) -> DossierNow:
        """End the current step and hand the dossier over to the next; `step` is the one that ends."""
        done: DossierNow = await self._command(
            "handOver",
            HAND_OVER,
            {
                "dossier_id": dossier_id,
                "expected_version": expected_version,
                "step": step,
                "request_id": request_id,
                "note": note,
            },
        )
        return done

    async def acknowledge_hand_over(
        self, *, dossier_id: Id, expected_version: int, step: int, request_id: Id | None = None
    ) -> DossierNow:
        """Take over the step that was handed over to one's agency."""
        done: DossierNow = await self._command(
            "acknowledgeHandOver",
            ACKNOWLEDGE_HAND_OVER,
            {
                "dossier_id": dossier_id,
                "expected_version": expected_version,
                "step": step,
                "request_id": request_id,
            },
        )
        return done

    async def pause_dossier(
        self,
        *,
        dossier_id: Id,
        expected_version: int,
        reason: str,
        request_id: Id | None = None,
        note: str | None = None,
    ) -> DossierNow:
        """Stop the clock for a reason of the closed list (`PauseReasons`)."""
        done: DossierNow = await self._command(
            "pauseDossier",
            PAUSE_DOSSIER,
            {
                "dossier_id": dossier_id,
                "expected_version": expected_version,
                "reason": reason,
                "request_id": request_id,
                "note": note,
            },
        )
        return done

    async def resume_dossier(
        self, *, dossier_id: Id, expected_version: int, request_id: Id | None = None, note: str | None = None
    ) -> DossierNow:
        """Let the clock run again; only the remaining time moves."""
        done: DossierNow = await self._command(
            "resumeDossier",
            RESUME_DOSSIER,
            {
                "dossier_id": dossier_id,
                "expected_version": expected_version,
                "request_id": request_id,
                "note": note,
            },
        )
        return done

    async def finish_dossier(
        self, *, dossier_id: Id, expected_version: int, request_id: Id | None = None, note: str | None = None
    ) -> DossierNow:
        """The result is there: the last step ends and with it the dossier."""
        done: DossierNow = await self._command(
            "finishDossier",
            FINISH_DOSSIER,
            {
                "dossier_id": dossier_id,
                "expected_version": expected_version,
                "request_id": request_id,
                "note": note,
            },
        )
        return done

    async def upsert_dossiers(
        self, *, agency_id: Id, lines: str, request_id: Id | None = None
    ) -> UpsertDossiers:
        """Dossiers kept by another system, one JSON object a line (docs/sync.md); each line has a
        verdict."""
        done: UpsertDossiers = await self._command(
            "upsertDossiers",
            UPSERT_DOSSIERS,
            {"agency_id": agency_id, "lines": lines, "request_id": request_id},
        )
        return done

    async def dossiers_of(self, *, agency_id: Id) -> list[DossiersOf]:
        """Dossiers of the agencies one reaches, newest first; with `overdueOnly` the longest overdue
        first."""
        found: list[DossiersOf] = await self._every("dossiers", DOSSIERS_OF, agencyId=agency_id)
        return found

    async def dossier_deadline(self, *, id: Id) -> DossierDeadline:
        """One dossier."""
        found: DossierDeadline = await self._one("dossier", DOSSIER_DEADLINE, id=id)
        return found

    async def dossier_figures(
        self,
        *,
        agency_ids: Sequence[Id] | None = None,
        from_month: Day | None = None,
        to_month: Day | None = None,
    ) -> list[DossierFigures]:
        """Figures of these agencies, or of all one reaches; months run from the first day of `fromMonth`."""
        found: list[DossierFigures] = await self._one(
            "dossierFigures", DOSSIER_FIGURES, agencyIds=agency_ids, fromMonth=from_month, toMonth=to_month
        )
        return found
