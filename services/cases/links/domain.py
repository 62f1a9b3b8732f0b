"""A link between agencies: the competent one has agreed that the other brings it dossiers."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Invalid


@dataclass(eq=False, kw_only=True)
class AgencyLink(Aggregate):
    """A link is the competent agency's to give and to end; nobody else makes an agency answerable."""

    agency_id: UUID
    receiving_agency_id: UUID
    basis: str
    valid_from: date
    valid_to: date | None = None

    def check(self) -> None:
        """Refuse a link to oneself, or one that ends before it begins."""
        if self.agency_id == self.receiving_agency_id:
            raise Invalid("link_to_itself", "receivingAgencyId")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise Invalid("link_ends_before_it_begins", "validTo", begin=f"{self.valid_from:%d/%m/%Y}")

    def end(self, day: date, today: date) -> None:
        """End the link on `day`, which is not past: what was brought while it held was brought rightly."""
        if self.valid_to is not None and self.valid_to <= day:
            raise Conflict("link_already_ended", "validTo", end=f"{self.valid_to:%d/%m/%Y}")
        if day < today:
            raise Invalid("link_end_in_the_past", "validTo", today=f"{today:%d/%m/%Y}")
        self.valid_to = max(day, self.valid_from)
