"""An agency of the state: one identity, and the periods in which its name, code and place stood."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self
from uuid import UUID

from contracts.directory import AgencyChanged
from kernel.aggregate import Aggregate
from kernel.errors import Invalid
from services.directory.domain.kinds import Kinds
from services.directory.domain.periods import is_valid


@dataclass(eq=False, kw_only=True)
class AgencyPeriod:
    """What an agency was called and where it stood from a day on."""

    agency_id: UUID
    valid_from: date
    valid_to: date | None = None
    code: str
    name: str
    short_name: str
    kind: str
    parent_id: UUID | None = None
    basis: str | None = None


@dataclass(eq=False, kw_only=True)
class Agency(Aggregate):
    """The agency itself; what it is at a time stands in its periods."""

    periods: list[AgencyPeriod] = field(default_factory=list)

    @property
    def trail_agency(self) -> UUID:
        return self.id

    @classmethod
    def enter(cls, first: AgencyPeriod, *, parent: "Agency | None", kinds: Kinds) -> Self:
        """Enter an agency whose first period begins; its parent must be there on that day."""
        above = None if parent is None else parent.on(first.valid_from)
        if parent is not None and above is None:
            day = first.valid_from.strftime("%d/%m/%Y")
            raise Invalid("agency_parent_not_there", "parentId", day=day)
        kinds.check_place(first.kind, above.kind if above else None, first.valid_from)
        agency = cls(id=first.agency_id, periods=[first])
        agency.record(_changed(first))
        return agency

    def on(self, day: date) -> AgencyPeriod | None:
        """The agency as it is on `day`, if it is there."""
        return next((period for period in self.periods if is_valid(period, day)), None)

    def snapshot(self) -> dict[str, Any]:
        """The trail shows the periods as values."""
        names = ("valid_from", "valid_to", "code", "name", "short_name", "kind", "parent_id", "basis")
        return {
            "id": self.id,
            "periods": [{name: getattr(period, name) for name in names} for period in self.periods],
        }


def _changed(period: AgencyPeriod) -> AgencyChanged:
    return AgencyChanged(
        agency_id=period.agency_id,
        code=period.code,
        name=period.name,
        short_name=period.short_name,
        kind=period.kind,
        parent_id=period.parent_id,
        valid_from=period.valid_from,
        valid_to=period.valid_to,
    )
