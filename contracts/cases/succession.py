"""What of dossiers goes to another agency where one ends."""

from dataclasses import dataclass

from contracts.succession import HeldBy


@dataclass(kw_only=True)
class HeldByAgencies(HeldBy):
    """What of dossiers would go to others if these agencies ended."""
