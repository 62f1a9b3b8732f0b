"""Acting for another: who, with which of the other's roles, for how long, and whether they sign."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self
from uuid import UUID

from contracts.authority import Basis
from contracts.directory.delegations import DelegationKind
from contracts.directory.events import AuthorityEnded, DelegationChanged
from contracts.directory.roles import HeldRole
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Forbidden, Invalid
from services.directory.agencies.domain.periods import covers
from services.directory.roles.domain.catalogue import RoleCatalogue
from services.directory.roles.domain.granting import IsBelow


@dataclass(eq=False, kw_only=True)
class Delegation(Aggregate):
    """A post lent for a time; it stays with whom it belongs.

    Nghị định 30/2020/NĐ-CP, Điều 13 khoản 3: in writing, limited in time and content, and never passed on.
    """

    kind: DelegationKind
    agency_id: UUID
    from_position_id: UUID
    given_by: UUID
    to_position_id: UUID
    to_person_id: UUID
    signing_authority: bool
    valid_from: date
    valid_to: date
    basis: str
    roles: list[HeldRole] = field(default_factory=list)

    @classmethod
    def give(cls, *, today: date, **facts: object) -> Self:
        """Let them act for the period, from today at the earliest: nothing done so far becomes theirs."""
        given = cls(**facts)  # type: ignore[arg-type]
        if given.valid_to <= given.valid_from:
            raise Invalid("delegation_ends_before_it_begins", "validTo", begin=_read(given.valid_from))
        if given.valid_from < today:
            raise Invalid("delegation_in_the_past", "validFrom", today=_read(today))
        given._record_change()
        return given

    def end(self, day: date) -> None:
        """End the delegation with the eve of `day`; one that has not begun by then never holds."""
        ends = max(day, self.valid_from)
        if self.valid_to <= ends:
            raise Conflict("delegation_already_ended", "validTo", end=_read(self.valid_to))
        self.valid_to = ends
        self._record_change()

    def is_in_force(self, day: date) -> bool:
        return covers(self.valid_from, self.valid_to, day)

    def of_what_is_held(self, held: Iterable[HeldRole], is_below: IsBelow) -> list[HeldRole]:
        """The delegation's roles, as far as the post still brings them."""
        there = list(held)
        return [role for role in self.roles if any(includes(one, role, is_below) for one in there)]

    def _record_change(self) -> None:
        self.record(
            DelegationChanged(
                delegation_id=self.id,
                kind=self.kind,
                agency_id=self.agency_id,
                from_position_id=self.from_position_id,
                given_by=self.given_by,
                to_position_id=self.to_position_id,
                to_person_id=self.to_person_id,
                roles=tuple(self.roles),
                signing_authority=self.signing_authority,
                valid_from=self.valid_from,
                valid_to=self.valid_to,
            )
        )
        if self.version:
            # Whatever changed in one that was there: at worst a session is renewed that need not have been.
            self.record(AuthorityEnded(basis=Basis.DELEGATION, subject_id=self.id))


def includes(held: HeldRole, wanted: HeldRole, is_below: IsBelow) -> bool:
    """Whether the role held is the one wanted and reaches at least as far."""
    if held.role is not wanted.role:
        return False
    if held.agency_id == wanted.agency_id:
        return held.with_subtree or not wanted.with_subtree
    return held.with_subtree and is_below(held.agency_id, wanted.agency_id)


def share(
    held: Sequence[HeldRole], wanted: Sequence[HeldRole], catalogue: RoleCatalogue, is_below: IsBelow
) -> list[HeldRole]:
    """What of the roles held is delegated: what is wanted, or without a wish all that may be."""
    if not wanted:
        found = [role for role in held if catalogue.of[role.role].delegable]
        if not found:
            raise Invalid("nothing_to_delegate", "roles")
        return found
    for role in wanted:
        rule = catalogue.of[role.role]
        names = {"role": rule.name.vi, "role_en": rule.name.en}
        if not any(includes(one, role, is_below) for one in held):
            raise Forbidden("role_not_held", "roles", **names)
        if not rule.delegable:
            raise Forbidden("role_not_delegable", "roles", **names)
    return list(wanted)


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
