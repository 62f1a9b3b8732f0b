"""A quality management system: what it covers from when to when, and when it must be declared again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self
from uuid import UUID

from contracts.directory.events import DeclarationDue
from contracts.directory.quality_systems import Coverage, DeclareReason, Seat, SeatKind, SystemState
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Invalid
from services.directory.agencies.domain.periods import covers


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """What is to change; None stays as it is."""

    name: str | None = None
    scope: str | None = None
    standards: Sequence[str] | None = None
    agencies: Sequence[UUID] | None = None


@dataclass(eq=False, kw_only=True)
class QualitySystem(Aggregate):
    """Kept by one agency; it may cover several, and an agency may be covered by several.

    `coded_in`: who gave the code. Two systems that one agency took over may bear the same.
    """

    agency_id: UUID
    code: str
    coded_in: UUID
    name: str
    scope: str
    standards: tuple[str, ...]
    state: SystemState = SystemState.BUILDING
    covers: tuple[Coverage, ...] = ()
    seats: tuple[Seat, ...] = ()
    committee_decision: str | None = None
    committee_since: date | None = None
    declared_by: str | None = None
    declared_on: date | None = None
    declare_again: tuple[DeclareReason, ...] = ()
    declare_again_since: date | None = None
    ended_on: date | None = None

    @classmethod
    def begin(
        cls,
        *,
        id: UUID,
        agency_id: UUID,
        code: str,
        name: str,
        scope: str,
        standards: Sequence[str],
        agencies: Iterable[UUID],
        day: date,
    ) -> Self:
        """Begin to build it; it covers its agencies from that day on."""
        return cls(
            id=id,
            agency_id=agency_id,
            code=code,
            coded_in=agency_id,
            name=name,
            scope=scope,
            standards=_once(standards),
            covers=tuple(Coverage(agency_id=each, valid_from=day) for each in dict.fromkeys(agencies)),
        )

    def covered_on(self, day: date) -> list[UUID]:
        """The agencies it covers that day."""
        return [each.agency_id for each in self.covers if covers(each.valid_from, each.valid_to, day)]

    def amend(self, wanted: Amendment, day: date, today: date) -> None:
        """Change it from a day on."""
        self._must_stand()
        self._check_day(day, today, "fromDay")
        if wanted.name is not None:
            self.name = wanted.name
        if wanted.scope is not None and wanted.scope != self.scope:
            self.scope = wanted.scope
            self._must_declare(DeclareReason.SCOPE, day)
        if wanted.standards is not None and _once(wanted.standards) != self.standards:
            self.standards = _once(wanted.standards)
            self._must_declare(DeclareReason.STANDARD, day)
        if wanted.agencies is not None and self._cover(set(wanted.agencies), day):
            self._must_declare(DeclareReason.AGENCIES, day)

    def appoint(self, seats: Sequence[Seat], decision: str, since: date) -> None:
        """Let these sit in the committee from a day on."""
        self._must_stand()
        _check_seats(seats)
        self.seats, self.committee_decision, self.committee_since = tuple(seats), decision, since

    def apply(self) -> None:
        """Apply the system from now on."""
        if self.state is not SystemState.BUILDING:
            raise Conflict("system_not_in_this_state")
        if not self.seats:
            raise Conflict("system_without_committee")
        self.state = SystemState.APPLIED

    def declare(self, decision: str, day: date, today: date) -> None:
        """Declare it, or declare it again."""
        if self.state not in (SystemState.APPLIED, SystemState.DECLARED):
            raise Conflict("system_not_in_this_state")
        if day > today:
            raise Invalid("declared_in_the_future", "declaredOn", today=_read(today))
        if self.declared_on is not None and day <= self.declared_on:
            raise Invalid("declared_before_last", "declaredOn", last=_read(self.declared_on))
        self.state, self.declared_by, self.declared_on = SystemState.DECLARED, decision, day
        self.declare_again, self.declare_again_since = (), None

    def close(self, day: date, today: date) -> None:
        """End it, by those who keep it."""
        self._must_stand()
        self._check_day(day, today, "endedOn")
        self.end(day)

    def end(self, day: date) -> None:
        """End the system: it covers nothing from that day on."""
        self._cover(set(), day)
        self.state, self.ended_on = SystemState.ENDED, day
        self.declare_again, self.declare_again_since = (), None

    def follow(self, heirs: Mapping[UUID, Sequence[UUID]], keeper: Mapping[UUID, UUID], day: date) -> None:
        """Agencies ended: the system covers those that took over, and the heir of its keeper keeps it."""
        if self.state is SystemState.ENDED:
            return
        self.agency_id = keeper.get(self.agency_id, self.agency_id)
        before = self.covers
        rows = [row for each in before for row in _followed(each, heirs, day)]
        self.covers = tuple(_without_doubles(rows))
        if all(each.valid_to is not None and each.valid_to <= day for each in self.covers):
            self.end(day)
        elif self.covers != before:
            self._must_declare(DeclareReason.REORGANISED, day)

    def _cover(self, wanted: set[UUID], day: date) -> bool:
        """Cover these from that day on; whether that is a change. What began later never did."""
        now = set(self.covered_on(day))
        lasting = [self._ended(each, wanted, day) for each in self.covers]
        kept = [each for each in lasting if each.valid_to is None or each.valid_to > each.valid_from]
        still = {each.agency_id for each in kept if each.valid_to is None}
        begun = [Coverage(agency_id=each, valid_from=day) for each in sorted(wanted - still)]
        self.covers = (*kept, *begun)
        return now != wanted

    @staticmethod
    def _ended(each: Coverage, wanted: set[UUID], day: date) -> Coverage:
        if each.valid_to is not None or each.agency_id in wanted:
            return each
        return replace(each, valid_to=max(day, each.valid_from))

    def _check_day(self, day: date, today: date, field: str) -> None:
        """What the system covered on days gone by is written down; the future is entered when it comes."""
        last = max((each.valid_from for each in self.covers), default=day)
        if day > today:
            raise Invalid("system_day_to_come", field, today=_read(today))
        if day < last:
            raise Invalid("system_day_gone_by", field, last=_read(last))

    def _must_declare(self, why: DeclareReason, day: date) -> None:
        """Only what was declared must be declared again (QĐ 19/2014/QĐ-TTg, Điều 4 khoản 4 c)."""
        if self.state is not SystemState.DECLARED:
            return
        if not self.declare_again:
            self.declare_again_since = day
            about = {"system_id": self.id, "agency_id": self.agency_id, "code": self.code, "name": self.name}
            self.record(DeclarationDue(**about, why=why, since=day))  # type: ignore[arg-type]
        self.declare_again = tuple(dict.fromkeys((*self.declare_again, why)))

    def _must_stand(self) -> None:
        if self.state is SystemState.ENDED:
            raise Conflict("system_has_ended", name=self.name)


def _followed(each: Coverage, heirs: Mapping[UUID, Sequence[UUID]], day: date) -> Iterator[Coverage]:
    """The row, or of an agency that ended what of it lies before, and its heirs' from then on."""
    if each.agency_id not in heirs or (each.valid_to is not None and each.valid_to <= day):
        yield each
        return
    if each.valid_from < day:
        yield replace(each, valid_to=day)
    for heir in heirs[each.agency_id]:
        begins = max(day, each.valid_from)
        yield Coverage(agency_id=heir, valid_from=begins, valid_to=each.valid_to)


def _without_doubles(rows: Iterable[Coverage]) -> Iterator[Coverage]:
    """For agencies that became one, the row that begins first; a later one says nothing more."""
    lasting: dict[UUID, Coverage] = {}
    for row in sorted(rows, key=lambda each: each.valid_from):
        known = lasting.get(row.agency_id)
        if known is not None and (known.valid_to is None or row.valid_from < known.valid_to):
            continue
        lasting[row.agency_id] = row
        yield row


def _check_seats(seats: Sequence[Seat]) -> None:
    kinds = [each.kind for each in seats]
    for kind in (SeatKind.HEAD, SeatKind.SECRETARY):
        if kinds.count(kind) != 1:
            raise Invalid("committee_seat_once", "seats")
    if len({each.position_id for each in seats}) != len(seats):
        raise Invalid("committee_position_twice", "seats")


def _once(standards: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(standards))


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
