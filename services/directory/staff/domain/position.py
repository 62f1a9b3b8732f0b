"""A position held by a person in an agency for a time, and the roles that come with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self
from uuid import UUID

from contracts.authority import Basis
from contracts.directory.events import AuthorityEnded, PositionChanged
from contracts.directory.roles import HeldRole, Role
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Invalid
from services.directory.agencies.domain.periods import covers, earlier, is_valid

MOST_ROLES = 40
"""Roles that come with one position: with its holder's grants they travel in a header of every request."""


@dataclass(eq=False, kw_only=True)
class GrantedRole:
    """A role that came with a position for a time, for an agency or for it and all below."""

    position_id: UUID
    role: Role
    agency_id: UUID
    with_subtree: bool
    valid_from: date
    valid_to: date | None = None

    def as_held(self) -> HeldRole:
        return HeldRole(role=self.role, agency_id=self.agency_id, with_subtree=self.with_subtree)


@dataclass(eq=False, kw_only=True)
class Position(Aggregate):
    """One holding of a position: the same title given to another person is another holding."""

    agency_id: UUID
    person_id: UUID
    title: str
    held_from: date
    held_to: date | None = None
    roles: list[GrantedRole] = field(default_factory=list)

    @classmethod
    def appoint(
        cls,
        *,
        id: UUID,
        agency_id: UUID,
        person_id: UUID,
        title: str,
        held_from: date,
        held_to: date | None,
        roles: list[HeldRole],
    ) -> Self:
        """Let the person hold the position, with its roles for as long as they hold it."""
        if held_to is not None and held_to <= held_from:
            raise Invalid("position_ends_before_it_begins", "heldTo", begin=_read(held_from))
        check_so_many(roles)
        position = cls(
            id=id,
            agency_id=agency_id,
            person_id=person_id,
            title=" ".join(title.split()),
            held_from=held_from,
            held_to=held_to,
        )
        position.roles = [position._granted(role, held_from) for role in _once(roles)]
        position._record_change()
        return position

    def end(self, held_to: date) -> None:
        """End the holding on a day; its roles end with it. On its first day it is undone altogether."""
        if self.held_to is not None and self.held_to <= held_to:
            raise Conflict("position_already_ended", "heldTo", end=_read(self.held_to))
        if held_to < self.held_from:
            raise Invalid("position_ends_before_it_begins", "heldTo", begin=_read(self.held_from))
        self.held_to = held_to
        for role in self.roles:
            role.valid_to = max(role.valid_from, earlier(role.valid_to, held_to) or held_to)
        self._record_change()

    def adjust(self, heirs: Mapping[UUID, UUID | None], more: Iterable[HeldRole], day: date) -> None:
        """From `day` on, roles for agencies that ended are held for their heirs, and `more` come with it."""
        begins, wanted = max(day, self.held_from), list(more)
        for role in [each for each in self.roles if self._is_current(each) and each.agency_id in heirs]:
            role.valid_to = max(role.valid_from, begins)
            if heir := heirs[role.agency_id]:
                wanted.append(HeldRole(role=role.role, agency_id=heir, with_subtree=role.with_subtree))
        self._take_on(wanted, begins)
        self._record_change()

    def roles_after(self, heirs: Mapping[UUID, UUID | None]) -> list[HeldRole]:
        """The roles that last as long as it does, held for the heirs of agencies that ended."""
        current = [each.as_held() for each in self.roles if self._is_current(each)]
        followed = [(each, heirs.get(each.agency_id, each.agency_id)) for each in current]
        return [
            HeldRole(role=each.role, agency_id=heir, with_subtree=each.with_subtree)
            for each, heir in followed
            if heir
        ]

    def _take_on(self, wanted: list[HeldRole], day: date) -> None:
        held = {(each.role, each.agency_id): each for each in self.roles if self._is_current(each)}
        for role in _once(wanted):
            before = held.get((role.role, role.agency_id))
            if before is not None and (before.with_subtree or not role.with_subtree):
                continue
            if before is not None and before.valid_from < day:
                before.valid_to = day
            elif before is not None:
                before.with_subtree = True
                continue
            self.roles.append(self._granted(role, day))

    def _is_current(self, role: GrantedRole) -> bool:
        """Whether the role ends with the holding and not before it."""
        return role.valid_to == self.held_to

    def is_held(self, day: date) -> bool:
        """Whether somebody holds it on `day`."""
        return covers(self.held_from, self.held_to, day)

    def lasts_past(self, day: date) -> bool:
        """On `day` or later; what was undone never lasted."""
        return self.held_to is None or max(day, self.held_from) < self.held_to

    def roles_on(self, day: date) -> list[HeldRole]:
        """The roles in force on `day`."""
        return [role.as_held() for role in self.roles if is_valid(role, day)]

    def snapshot(self) -> dict[str, Any]:
        """The trail shows the roles as values."""
        return super().snapshot() | {"roles": [_shown(role) for role in self.roles]}

    def _granted(self, role: HeldRole, since: date) -> GrantedRole:
        return GrantedRole(
            position_id=self.id,
            role=role.role,
            agency_id=role.agency_id,
            with_subtree=role.with_subtree,
            valid_from=since,
            valid_to=self.held_to,
        )

    def _record_change(self) -> None:
        self.record(
            PositionChanged(
                position_id=self.id,
                agency_id=self.agency_id,
                person_id=self.person_id,
                title=self.title,
                held_from=self.held_from,
                held_to=self.held_to,
                roles=tuple(role.as_held() for role in self.roles if self._is_current(role)),
            )
        )
        if self.version:
            # Whatever changed in one that was there: at worst a session is renewed that need not have been.
            self.record(AuthorityEnded(basis=Basis.POSITION, subject_id=self.id))


def check_so_many(roles: list[HeldRole], path: str = "roles") -> None:
    """Refuse more than may come with one position."""
    if len(_once(roles)) > MOST_ROLES:
        raise Invalid("position_roles_too_many", path, most=MOST_ROLES)


def _once(roles: list[HeldRole]) -> list[HeldRole]:
    """Each role once for each agency; asked for twice, the wider reach is meant."""
    widest: dict[tuple[Role, UUID], HeldRole] = {}
    for role in roles:
        key = (role.role, role.agency_id)
        if key not in widest or role.with_subtree:
            widest[key] = role
    return list(widest.values())


def _shown(role: GrantedRole) -> dict[str, Any]:
    names = ("role", "agency_id", "with_subtree", "valid_from", "valid_to")
    return {name: getattr(role, name) for name in names}


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
