"""A role granted to a person for a time, beside what their positions bring."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from contracts.authority import Basis
from contracts.directory.events import AuthorityEnded, GrantChanged
from contracts.directory.roles import HeldRole, Role
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Invalid
from services.directory.agencies.domain.periods import is_valid

MOST = 40
"""Grants of one person in force at a time: all of them travel in a header of every request.

So many may one agency grant ahead as well. Periods that follow one another count once among those at a time,
or one agency could use up by its own what all others may grant the person.
"""


@dataclass(eq=False, kw_only=True)
class PersonalGrant(Aggregate):
    """One role for one agency; another period is another grant."""

    person_id: UUID
    role: Role
    agency_id: UUID
    with_subtree: bool
    valid_from: date
    valid_to: date | None = None
    basis: str | None = None

    @classmethod
    def give(
        cls,
        *,
        id: UUID,
        person_id: UUID,
        role: HeldRole,
        valid_from: date,
        valid_to: date | None,
        basis: str | None,
    ) -> Self:
        """Let the person hold the role for the period."""
        if valid_to is not None and valid_to <= valid_from:
            raise Invalid("grant_ends_before_it_begins", "validTo", begin=_read(valid_from))
        grant = cls(
            id=id,
            person_id=person_id,
            role=role.role,
            agency_id=role.agency_id,
            with_subtree=role.with_subtree,
            valid_from=valid_from,
            valid_to=valid_to,
            basis=basis,
        )
        grant._record_change()
        return grant

    def end(self, day: date) -> None:
        """End the grant with the eve of `day`; one that has not begun by then never holds."""
        ends = max(day, self.valid_from)
        if self.valid_to is not None and self.valid_to <= ends:
            raise Conflict("grant_already_ended", "validTo", end=_read(self.valid_to))
        self.valid_to = ends
        self._record_change()

    def as_held(self) -> HeldRole:
        return HeldRole(role=self.role, agency_id=self.agency_id, with_subtree=self.with_subtree)

    def is_in_force(self, day: date) -> bool:
        return is_valid(self, day)

    def overlaps(self, other: "PersonalGrant") -> bool:
        """Whether both give the same person the same role for the same agency on some day."""
        same = (self.person_id, self.role, self.agency_id) == (other.person_id, other.role, other.agency_id)
        return same and _meet(self, other)

    def _record_change(self) -> None:
        self.record(
            GrantChanged(
                grant_id=self.id,
                person_id=self.person_id,
                role=self.role,
                agency_id=self.agency_id,
                with_subtree=self.with_subtree,
                valid_from=self.valid_from,
                valid_to=self.valid_to,
            )
        )
        if self.version:
            # Whatever changed in one that was there: at worst a session is renewed that need not have been.
            self.record(AuthorityEnded(basis=Basis.GRANT, subject_id=self.id))


Span = tuple[date, date | None]


def uncovered(span: Span, others: Iterable[PersonalGrant]) -> Iterator[Span]:
    """What is left of a period where others hold already, earliest first."""
    begins, ends = span
    for other in sorted(others, key=lambda each: each.valid_from):
        if ends is not None and other.valid_from >= ends:
            break
        if begins < other.valid_from:
            yield begins, other.valid_from
        if other.valid_to is None:
            return
        begins = max(begins, other.valid_to)
    if ends is None or begins < ends:
        yield begins, ends


def most_at_once(grants: Sequence[PersonalGrant], since: date) -> int:
    """How many of them are in force at once, on the day from `since` on that has most."""
    days = {since, *(max(since, each.valid_from) for each in grants)}
    return max(sum(each.is_in_force(day) for each in grants) for day in days)


def meeting(grants: Iterable[PersonalGrant], given: PersonalGrant) -> list[PersonalGrant]:
    """The grants that are in force on some day of the one given."""
    return [each for each in grants if _meet(each, given)]


def _meet(one: PersonalGrant, other: PersonalGrant) -> bool:
    begins = max(one.valid_from, other.valid_from)
    ends = [end for end in (one.valid_to, other.valid_to) if end is not None]
    return not ends or begins < min(ends)


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
