"""What an act is judged against, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from contracts.reorganisations import AgencyPart, PlannedSuccession
from services.directory.domain.agency import Agency, AgencyPeriod


class Tree(Protocol):
    """The facts as they stand, asked for piece by piece."""

    def find(self, agency_id: UUID) -> Agency | None:
        """The agency, if there ever was one."""

    def children(self, agency_id: UUID) -> Sequence[UUID]:
        """Those that stand under it by their latest state."""

    def holders(self, code: str, day: date) -> Sequence[UUID]:
        """Who has the code on that day or any later."""


@dataclass(kw_only=True)
class Heirs:
    """Where what an agency held goes on: its people to one of `among`, those without a posting to `rest`."""

    among: list[UUID] = field(default_factory=list)
    rest: UUID | None = None
    everybody_placed: bool = False
    path: str


@dataclass(kw_only=True)
class Outcome:
    """What an act does, agency by agency."""

    day: date
    created: dict[UUID, AgencyPeriod] = field(default_factory=dict)
    changed: dict[UUID, AgencyPeriod] = field(default_factory=dict)
    ended: dict[UUID, str] = field(default_factory=dict)
    """With the field of the act that ends it."""
    successions: list[PlannedSuccession] = field(default_factory=list)
    heirs: dict[UUID, Heirs] = field(default_factory=dict)
    """Of agencies that end or are split."""

    @property
    def parts(self) -> dict[UUID, AgencyPart]:
        """Every agency concerned, and what happens to it."""
        concerned = {each.successor_id for each in self.successions}
        concerned |= {each.predecessor_id for each in self.successions}
        parts = dict.fromkeys(concerned, AgencyPart.HEIR)
        parts |= dict.fromkeys(self.created, AgencyPart.CREATED)
        parts |= dict.fromkeys(self.changed, AgencyPart.CHANGED)
        return parts | dict.fromkeys(self.ended, AgencyPart.ENDED)
