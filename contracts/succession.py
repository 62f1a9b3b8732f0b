"""What follows an agency when it ends: its things as other services count them, and figures then and now."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import Question


class HeldKind(StrEnum):
    """Kinds of things that go to the agency that takes over; the clocks of open dossiers run."""

    DOCUMENTS = "documents"
    DRAFTS = "drafts"
    APPROVALS_WAITING = "approvals_waiting"
    DISTRIBUTED_DOCUMENTS = "distributed_documents"
    DOSSIERS = "dossiers"
    OPEN_DOSSIERS = "open_dossiers"
    OVERDUE_DOSSIERS = "overdue_dossiers"
    STEPS_ELSEWHERE = "steps_elsewhere"
    NONCONFORMITIES = "nonconformities"
    OPEN_NONCONFORMITIES = "open_nonconformities"
    OPEN_ACTIONS = "open_actions"
    AUDITS_AHEAD = "audits_ahead"
    PROGRAMMES = "programmes"
    OPEN_REVIEWS = "open_reviews"


class Attribution(StrEnum):
    """Under which agency a thing of the past counts, where agencies were merged, split or dissolved.

    `as_now`: under the agency that goes on with it today, so that a merged commune shows the sums of all it
    came from. `as_then`: under the agency whose it was when it happened, ended or not.
    """

    AS_NOW = "as_now"
    AS_THEN = "as_then"


@dataclass(kw_only=True)
class HeldCount:
    """So many things of one kind."""

    kind: HeldKind
    count: int


@dataclass(kw_only=True)
class HeldBy(Question[list[HeldCount]]):
    """What would go to others if these agencies ended; of things that several of them share, each once."""

    agency_ids: Annotated[list[UUID], Meta(min_length=1, max_length=500)]
