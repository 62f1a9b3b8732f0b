"""An agency of the state: one identity, and the periods in which its name, code and place stood."""

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Self
from uuid import UUID

from contracts.directory.agencies import AgencyPlace
from contracts.directory.events import AgencyChanged
from contracts.directory.staff import StandardDuty
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Invalid
from services.directory.agencies.domain.kinds import Kinds
from services.directory.agencies.domain.periods import is_valid


@dataclass(eq=False, kw_only=True)
class AgencyPeriod:
    """What an agency was from a day on, and by which act it became so."""

    agency_id: UUID
    valid_from: date
    valid_to: date | None = None
    code: str
    name: str
    short_name: str
    kind: str
    parent_id: UUID | None = None
    aliases: list[str] = field(default_factory=list)
    seal_name: str | None = None
    address: str | None = None
    phone: str | None = None
    email: str | None = None
    standard: StandardDuty | None = None
    basis: str | None = None
    reorganisation_id: UUID | None = None

    def follow(self, day: date, **changes: Any) -> "AgencyPeriod":
        """The period that begins on `day`: this one's facts with `changes`."""
        # Not `replace`: what a mapper has put on the one must not come with its facts.
        facts = {each.name: getattr(self, each.name) for each in fields(self)}
        return AgencyPeriod(**facts | {"valid_from": day, "valid_to": None} | changes)


@dataclass(eq=False, kw_only=True)
class Agency(Aggregate):
    """The agency itself; what it is at a time stands in its periods, which join without a gap."""

    periods: list[AgencyPeriod] = field(default_factory=list)
    changed_on: date | None = None
    """The day of its latest change; it rises with every change, and with it the version."""

    @property
    def trail_agency(self) -> UUID:
        return self.id

    @property
    def last(self) -> AgencyPeriod:
        """What the agency became last; for one that ended, what it was at its end."""
        return self.periods[-1]

    @property
    def begins_on(self) -> date:
        """The agency's first day."""
        return self.periods[0].valid_from

    @property
    def ends_on(self) -> date | None:
        """The day on which it is not there any more."""
        return self.last.valid_to

    @classmethod
    def enter(cls, first: AgencyPeriod, *, parent: "Agency | None", kinds: Kinds) -> Self:
        """Enter an agency whose first period begins; its parent must be there from that day on."""
        above = None if parent is None else parent.on(first.valid_from)
        if parent is not None and (above is None or parent.ends_on is not None):
            raise Invalid("agency_parent_not_there", "parentId", day=_read(first.valid_from))
        kinds.check_place(first.kind, above.kind if above else None, first.valid_from)
        return cls.begin(first, kinds)

    @classmethod
    def begin(cls, first: AgencyPeriod, kinds: Kinds) -> Self:
        """Begin with a period whose place has been judged; its duty is its kind's unless it is said."""
        if first.standard is None:
            first.standard = kinds.get(first.kind, first.valid_from).standard
        agency = cls(id=first.agency_id, periods=[first], changed_on=first.valid_from)
        agency._record_change()
        return agency

    def change(self, new: AgencyPeriod) -> None:
        """From the new period's first day on it is what that says; until then it stays what it was."""
        self.last.valid_to = new.valid_from
        self.periods.append(new)
        self.changed_on = new.valid_from
        self._record_change()

    def cease(self, day: date) -> None:
        """End the agency with the eve of `day`."""
        self.last.valid_to = self.changed_on = day
        self._record_change()

    def on(self, day: date) -> AgencyPeriod | None:
        """The agency as it is on `day`, if it is there."""
        return next((period for period in self.periods if is_valid(period, day)), None)

    def snapshot(self) -> dict[str, Any]:
        """The trail shows the periods as values."""
        names = [each.name for each in fields(AgencyPeriod) if each.name != "agency_id"]
        return {
            "id": self.id,
            "periods": [{name: getattr(period, name) for name in names} for period in self.periods],
        }

    def as_event(self) -> AgencyChanged:
        """The event with the latest state and all states."""
        latest = {each.name: getattr(self.last, each.name) for each in fields(AgencyPlace)}
        return AgencyChanged(agency_id=self.id, periods=tuple(map(_place, self.periods)), **latest)

    def _record_change(self) -> None:
        self.record(self.as_event())


def _place(period: AgencyPeriod) -> AgencyPlace:
    return AgencyPlace(**{each.name: getattr(period, each.name) for each in fields(AgencyPlace)})


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
