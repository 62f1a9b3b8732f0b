"""What waits for somebody in documents: drafts, reviews, approvals, issues."""

from dataclasses import dataclass

from contracts.duties import DutiesAsked


@dataclass(kw_only=True)
class DocumentDuties(DutiesAsked):
    """What documents wait for: see `DutiesAsked`."""
