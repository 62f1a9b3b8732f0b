"""A thing of the register of an agency, which goes on with another when that agency ends. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from kernel.base.aggregate import Aggregate


@dataclass(eq=False, kw_only=True)
class OfAgency(Aggregate):
    """`agency_id` keeps it now; `first_agency_id` did when it was entered, where that was another."""

    agency_id: UUID
    first_agency_id: UUID | None = None

    @property
    def origin_agency_id(self) -> UUID:
        """The agency it was entered for."""
        return self.first_agency_id or self.agency_id

    def follow(self, heirs: Mapping[UUID, UUID]) -> None:
        """Let the agency that took over keep it; all that was written in it stays."""
        if self.agency_id in heirs:
            self.first_agency_id = self.origin_agency_id
            self.agency_id = heirs[self.agency_id]
