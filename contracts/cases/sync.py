"""Dossiers that another system keeps: the line in which it sends one, and the verdict on each line."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import (
    Code,
    Command,
    Form,
    text,
)
from contracts.cases.dossiers import DossierNumber, DossierStatus, Moment
from contracts.documents.procedures import TthcCode

MOST_LINES, LARGEST_LINES = 1_000, 1_000_000
"""Lines and characters of one `UpsertDossiers`; the gateway takes a body that holds as many."""


class VerdictKind(StrEnum):
    """What became of one line of a sync."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(kw_only=True)
class LineVerdict:
    """What became of one line; a refusal names the field and says why and what to do in both languages."""

    line: int
    verdict: VerdictKind
    dossier_id: UUID | None = None
    number: str | None = None
    code: str | None = None
    field: str | None = None
    vi: str | None = None
    en: str | None = None
    remedy_vi: str | None = None
    remedy_en: str | None = None


@dataclass(kw_only=True)
class SyncReport:
    """The verdict on every line that was not blank, in order."""

    created: int
    updated: int
    unchanged: int
    refused: int
    verdicts: list[LineVerdict]


@dataclass(kw_only=True)
class UpsertDossiers(Command[SyncReport]):
    """Dossiers kept by another system, one JSON object a line (docs/sync.md); each line has a verdict.

    A call takes 1,000 lines and 1,000,000 characters. A line that is refused harms no other.
    """

    agency_id: UUID
    lines: Annotated[str, text(Form.VERBATIM, 2, LARGEST_LINES)]


@dataclass(kw_only=True)
class SyncedPause:
    """A time that did not count in the other system; without `until` it lasts."""

    reason: Code
    since: Moment
    until: Moment | None = None


@dataclass(kw_only=True)
class SyncedDossier:
    """One line of a sync: the whole state at `changed_at`, the source's moment of its last change.

    The procedure is named by TTHC code or by document code. Without `due_at` the due time is counted here.
    """

    number: DossierNumber
    changed_at: Moment
    received_at: Moment
    status: DossierStatus
    tthc_code: TthcCode | None = None
    document_code: Code | None = None
    due_at: Moment | None = None
    finished_at: Moment | None = None
    applicant_name: Annotated[str, text(Form.LINE, 1, 300)] | None = None
    competent_agency_code: Code | None = None
    pauses: Annotated[list[SyncedPause], Meta(max_length=50)] = field(default_factory=list)
