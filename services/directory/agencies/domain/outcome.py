"""What an act is judged against, and what comes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from contracts.directory.reorganisations import AgencyPart, Continuation, PlannedSuccession
from services.directory.agencies.domain.agency import Agency, AgencyPeriod
from services.directory.agencies.domain.kinds import Kinds


class Tree(Protocol):
    """The facts as they stand, asked for piece by piece."""

    def find(self, agency_id: UUID) -> Agency | None:
        """The agency, if there ever was one."""

    def children(self, agency_id: UUID, day: date) -> Sequence[UUID]:
        """The agencies under this one on that day or any later."""

    def holders(self, code: str, day: date) -> Sequence[UUID]:
        """Who has the code on that day or any later."""


@dataclass(kw_only=True)
class Heirs:
    """Where what an agency held goes on: its people to one of `among`, those without a posting to `rest`.

    `things`: who goes on with its documents, dossiers and audits, where it ends.
    """

    among: list[UUID] = field(default_factory=list)
    rest: UUID | None = None
    everybody_placed: bool = False
    things: UUID | None = None
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
    """What becomes of agencies that end or are split."""

    def begun(self, act_id: UUID, kinds: Kinds) -> list[Agency]:
        """The agencies it creates."""
        for period in self.created.values():
            period.reorganisation_id = act_id
        return [Agency.begin(period, kinds) for period in self.created.values()]

    def altered(self, act_id: UUID, get: Callable[[UUID], Agency]) -> list[Agency]:
        """The agencies it changes and ends, changed and ended."""
        for agency_id, period in self.changed.items():
            period.reorganisation_id = act_id
            get(agency_id).change(period)
        for agency_id in self.ended:
            get(agency_id).cease(self.day)
        return [get(agency_id) for agency_id in (*self.changed, *self.ended)]

    @property
    def continuations(self) -> list[Continuation]:
        """Every agency that ends, and the one that goes on with its things."""
        settled = ((agency_id, self.heirs[agency_id].things) for agency_id in self.ended)
        return [Continuation(agency_id=each, heir_id=heir) for each, heir in settled if heir is not None]

    @property
    def parts(self) -> dict[UUID, AgencyPart]:
        """Every agency concerned, and what happens to it."""
        concerned = {each.successor_id for each in self.successions}
        concerned |= {each.predecessor_id for each in self.successions}
        parts = dict.fromkeys(concerned, AgencyPart.HEIR)
        parts |= dict.fromkeys(self.created, AgencyPart.CREATED)
        parts |= dict.fromkeys(self.changed, AgencyPart.CHANGED)
        return parts | dict.fromkeys(self.ended, AgencyPart.ENDED)
