"""The catalogue of roles: how far each may be held, who may grant it, whether it may be delegated."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.directory.roles import Extent, HeldRole, Holder, Role
from contracts.messages import Text, text
from kernel.base.errors import Forbidden, Invalid
from kernel.base.text import fold


@dataclass(frozen=True, kw_only=True)
class RoleRule:
    """One role as the data file has it."""

    code: Role
    extents: tuple[Extent, ...]
    granted_by: tuple[Role, ...] = ()
    holder: Holder = Holder.PEOPLE
    agency_kinds: tuple[str, ...] = ()
    delegable: bool = True

    @property
    def name(self) -> Text:
        """What the role is called."""
        return text(f"role_{self.code.value}")

    @property
    def purpose(self) -> Text:
        """What the role is for."""
        return text(f"role_{self.code.value}_purpose")


@dataclass(frozen=True)
class RoleCatalogue:
    """All roles; every one that policies know stands in it exactly once."""

    rules: Sequence[RoleRule]
    of: dict[Role, RoleRule] = field(init=False)
    called: dict[str, Role] = field(init=False)
    """By code and by Vietnamese name, without diacritics."""

    def __post_init__(self) -> None:
        of = {rule.code: rule for rule in self.rules}
        if len(of) != len(self.rules) or set(of) != set(Role):
            raise ValueError("the catalogue must name every role exactly once")
        object.__setattr__(self, "of", of)
        called = {fold(said): rule.code for rule in self.rules for said in (rule.code, rule.name.vi)}
        object.__setattr__(self, "called", called)

    @property
    def may_grant(self) -> dict[Role, frozenset[Role]]:
        """The holder of the role on the left may grant those on the right, within its own reach."""
        return {role: frozenset(r.code for r in self.rules if role in r.granted_by) for role in Role}

    def check_may_hold(self, wanted: HeldRole, kind: str, path: str = "roles") -> None:
        """Refuse a role that people do not hold, or not for an agency of that kind, or not so far."""
        rule = self.of[wanted.role]
        if rule.holder is not Holder.PEOPLE:
            raise Forbidden("role_for_machines", path, role=rule.name.vi, role_en=rule.name.en)
        if rule.agency_kinds and kind not in rule.agency_kinds:
            raise Invalid("role_not_for_this_kind", path, role=rule.name.vi, role_en=rule.name.en, kind=kind)
        extent = Extent.SUBTREE if wanted.with_subtree else Extent.AGENCY
        if extent not in rule.extents:
            raise Invalid("role_not_so_far", path, role=rule.name.vi, role_en=rule.name.en)
