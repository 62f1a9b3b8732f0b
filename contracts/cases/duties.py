"""What waits for somebody in cases: steps to be taken over and to be done."""

from dataclasses import dataclass

from contracts.duties import DutiesAsked


@dataclass(kw_only=True)
class DossierDuties(DutiesAsked):
    """What dossiers wait for: see `DutiesAsked`."""
