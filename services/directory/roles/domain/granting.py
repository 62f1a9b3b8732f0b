"""Who may grant which role and how far: nobody hands out what their own scope does not cover."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from contracts.directory.roles import HeldRole, Role
from kernel.base.errors import Forbidden

IsBelow = Callable[[UUID, UUID], bool]
"""Whether the second agency stands anywhere below the first."""


class Held(Protocol):
    """A role as the granting person holds it."""

    @property
    def role(self) -> str: ...

    @property
    def agency_id(self) -> UUID: ...

    @property
    def with_subtree(self) -> bool: ...


def check_may_grant(
    held: Sequence[Held],
    wanted: HeldRole,
    *,
    may_grant: Mapping[Role, frozenset[Role]],
    is_below: IsBelow,
    path: str = "roles",
) -> None:
    """Refuse unless one of the roles held may grant `wanted` and reaches as far as it would."""
    able = [one for one in held if wanted.role in may_grant.get(Role(one.role), frozenset())]
    if not any(_reaches(one, wanted, is_below) for one in able):
        raise Forbidden("role_beyond_reach", path, role=wanted.role.value)


def _reaches(held: Held, wanted: HeldRole, is_below: IsBelow) -> bool:
    if held.with_subtree:
        return held.agency_id == wanted.agency_id or is_below(held.agency_id, wanted.agency_id)
    return held.agency_id == wanted.agency_id and not wanted.with_subtree
