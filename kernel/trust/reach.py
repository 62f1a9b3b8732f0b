"""How far the roles of a caller reach, as every handler asks it.

Which agency stands below which is not known here: a service says who answers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from kernel.trust.identity import Held


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The agencies whose things may be seen: all of them, or these."""

    everything: bool
    agency_ids: tuple[UUID, ...] = ()

    def __contains__(self, agency_id: UUID | None) -> bool:
        return self.everything or agency_id in self.agency_ids


class Reaching(Protocol):
    """Answers how far roles reach on a day."""

    def may_reach(self, session: Session, held: Iterable[Held], agency_id: UUID, day: date) -> bool:
        """Whether one of the held roles reaches the agency on that day."""

    def reach(self, session: Session, held: Iterable[Held], own: UUID | None, day: date) -> Reach:
        """The agencies that the roles reach, and the caller's own where it is given."""


class OwnOnly:
    """Where no agency stands below another: a role reaches the agency that it is held for."""

    def may_reach(self, session: Session, held: Iterable[Held], agency_id: UUID, day: date) -> bool:
        """Whether one of the held roles is for the agency."""
        return any(role.agency_id == agency_id for role in held)

    def reach(self, session: Session, held: Iterable[Held], own: UUID | None, day: date) -> Reach:
        """The agencies that the roles are for, and the caller's own."""
        ids = {role.agency_id for role in held} | ({own} if own else set())
        return Reach(everything=False, agency_ids=tuple(sorted(ids)))
