"""What waits for somebody in audits: corrections, causes, actions, reports, tasks."""

from dataclasses import dataclass

from contracts.duties import DutiesAsked


@dataclass(kw_only=True)
class QualityDuties(DutiesAsked):
    """What nonconformities, audits and reviews wait for: see `DutiesAsked`."""
