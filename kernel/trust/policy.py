"""Who may do what: one readable table per service, asked by the kernel before and inside each action."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kernel.base.errors import Forbidden
from kernel.trust.identity import CLIENT, Actor


class Relation(StrEnum):
    """What ties the caller to the thing."""

    PUBLIC = "public"
    """Anybody, signed in or not."""
    SIGNED_IN = "signed_in"
    """Any person who is signed in; the query itself shows only what they may see."""
    OWN = "own"
    """Only what is the person's own; the handler goes by the person's id."""
    WITHIN = "within"
    """One of the roles must reach the thing's agency: held there, or above it with the subtree."""
    CLIENT = "client"
    """Programs of portals only, whatever their scopes."""
    SYSTEM = "system"
    """The platform's own services only."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; several lines for one action are alternatives."""

    action: str
    relation: Relation
    roles: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    signs: bool = False
    """A signature: a person who acts for another needs the signing authority too."""


def row(
    action: str,
    *,
    relation: Relation,
    roles: Iterable[str] = (),
    states: Iterable[str] = (),
    signs: bool = False,
) -> Row:
    """`action` is permitted to `roles` standing in `relation`, while the thing is in one of `states`."""
    if relation is Relation.WITHIN and not roles:
        raise ValueError(f"{action}: a role must be named where the agency decides")
    return Row(
        action=action, relation=relation, roles=frozenset(roles), states=frozenset(states), signs=signs
    )


@dataclass(frozen=True, kw_only=True)
class Sight:
    """A part of a thing that of all who see the thing only some see: those with a role that reaches it."""

    name: str
    roles: frozenset[str]


def sight(name: str, *, roles: Iterable[str]) -> Sight:
    """`name` is seen by `roles` where they reach; the catalogue says what it is (`policy_sight_…`)."""
    return Sight(name=name, roles=frozenset(roles))


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What of a service a scope opens to a program of a portal, for things of its agencies."""

    name: str
    actions: frozenset[str]


def scope(name: str, *actions: str) -> Scope:
    """`name` opens these actions."""
    return Scope(name=name, actions=frozenset(actions))


KERNEL = (row("events_after", relation=Relation.SYSTEM),)
"""What every service answers to, whatever its business."""


class Policy:
    """The table, asked by action."""

    def __init__(self, *lines: Row | Sight | Scope) -> None:
        self.rows: dict[str, tuple[Row, ...]] = {}
        self.sights: dict[str, frozenset[str]] = {}
        self.scopes: dict[str, frozenset[str]] = {}
        for each in (*KERNEL, *lines):
            if isinstance(each, Sight):
                self.sights[each.name] = each.roles
            elif isinstance(each, Scope):
                self.scopes[each.name] = each.actions
            else:
                self.rows[each.action] = (*self.rows.get(each.action, ()), each)
        if strange := frozenset().union(*self.scopes.values()) - self.rows.keys():
            raise ValueError(f"a scope opens what is no action: {', '.join(sorted(strange))}")

    def __contains__(self, action: str) -> bool:
        return action in self.rows

    def admit(self, action: str, actor: Actor) -> None:
        """Refuse early an actor who could not be permitted whatever the thing is."""
        entering = [each for each in self.rows[action] if self._may_enter(each, actor)]
        if any(actor.may_sign or not each.signs for each in entering):
            return
        if entering:
            raise Forbidden("no_signing_authority")
        if actor.is_client and self.opened_by(action).intersection(actor.scopes):
            return
        if actor.is_client:
            if opening := sorted(self.opened_by(action)):
                raise Forbidden("client_scope_missing", scopes=", ".join(opening))
            raise Forbidden("not_for_programs")
        is_known = actor.is_person or actor.is_system
        raise Forbidden("not_permitted" if is_known else "not_signed_in")

    def opened_by(self, action: str) -> frozenset[str]:
        """The scopes that open an action to programs of portals."""
        return frozenset(name for name, actions in self.scopes.items() if action in actions)

    def roles_of(self, actor: Actor, action: str, state: str | None) -> frozenset[str]:
        """The roles by which this actor may do `action`: a client was asked for its scope before."""
        return frozenset({CLIENT}) if actor.is_client else self.roles_for(action, state)

    def needs_agency(self, action: str) -> bool:
        """Whether the handler must ask `require` about the thing's agency."""
        return all(each.relation is Relation.WITHIN for each in self.rows[action])

    def roles_for(self, action: str, state: str | None) -> frozenset[str]:
        """The roles that may do `action` to a thing in `state`."""
        fitting = (r for r in self.rows[action] if not r.states or state is None or state in r.states)
        return frozenset().union(*(r.roles for r in fitting if r.relation is Relation.WITHIN))

    def is_open_in(self, action: str, state: str) -> bool:
        """Whether anybody may do `action` to a thing in `state`."""
        return any(not each.states or state in each.states for each in self.rows[action])

    @staticmethod
    def _may_enter(each: Row, actor: Actor) -> bool:
        if each.relation is Relation.PUBLIC:
            return True
        if actor.is_system:
            # A service that calls another may ask what the table gives to services, and do nothing.
            return each.relation is Relation.SYSTEM
        if actor.is_client or each.relation is Relation.CLIENT:
            return actor.is_client and each.relation is Relation.CLIENT
        if not actor.is_person or each.relation is Relation.SYSTEM:
            return False
        return not each.roles or any(held.role in each.roles for held in actor.roles)
