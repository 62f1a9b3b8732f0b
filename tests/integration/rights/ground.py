"""A small province and everybody who can stand in any relation to what its department keeps."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.directory.events import AgencyChanged
from contracts.directory.roles import Role
from kernel.base import clock
from kernel.trust.identity import Actor, Held, sign_token
from tests.integration.spoken import Spoken

EVERY_ROLE = tuple(role.value for role in Role)
REACHING = ("own", "parent", "delegated", "elsewhere_too")
NOT_REACHING = ("child", "above_alone", "sibling", "foreign")
RELATIONS = (*REACHING, *NOT_REACHING)


@dataclass
class Ground:
    """The agencies: things are the department's, people are anybody's."""

    key: Any
    root: UUID = field(default_factory=uuid4)
    department: UUID = field(default_factory=uuid4)
    child: UUID = field(default_factory=uuid4)
    sibling: UUID = field(default_factory=uuid4)
    foreign: UUID = field(default_factory=uuid4)

    def agencies(self) -> list[tuple[UUID, UUID | None]]:
        """Each with its parent, parents first."""
        below_root = [(each, self.root) for each in (self.department, self.sibling, self.foreign)]
        return [(self.root, None), *below_root, (self.child, self.department)]

    def standing(self, relation: str, role: str) -> Actor:
        """Somebody with one role who stands so to the department.

        `elsewhere_too` reads in the department and has the role only elsewhere; `delegated` works elsewhere
        and has the role in the department for somebody else.
        """
        works, held = self._places(relation, role)
        return Actor(
            kind="person",
            person_id=uuid4(),
            position_id=uuid4(),
            agency_id=works,
            roles=held,
            on_behalf_of=uuid4() if relation == "delegated" else None,
        )

    def token(self, actor: Actor) -> str:
        """What the directory would sign for them."""
        return sign_token(self.key, actor, clock.now(), timedelta(minutes=10))

    def almighty(self, agency_id: UUID, person_id: UUID | None = None) -> str:
        """Somebody with every role at one agency: for laying the ground only."""
        actor = Actor(
            kind="person",
            person_id=person_id or uuid4(),
            position_id=uuid4(),
            agency_id=agency_id,
            roles=tuple(Held(role=role, agency_id=agency_id) for role in EVERY_ROLE),
        )
        return self.token(actor)

    def _places(self, relation: str, role: str) -> tuple[UUID, tuple[Held, ...]]:
        here = self.department
        if relation == "elsewhere_too":
            read = Held(role="reader", agency_id=here)
            return self.foreign, (read, Held(role=role, agency_id=self.foreign))
        if relation == "delegated":
            return self.foreign, (Held(role=role, agency_id=here),)
        if relation in ("parent", "above_alone"):
            return self.root, (Held(role=role, agency_id=self.root, with_subtree=relation == "parent"),)
        at = here if relation == "own" else getattr(self, relation)
        return at, (Held(role=role, agency_id=at),)

    def plant(self, spoken: Spoken) -> None:
        """Teach a service the agencies."""
        for number, (agency_id, parent_id) in enumerate(self.agencies()):
            event = AgencyChanged(
                agency_id=agency_id,
                code=f"H42.{number:03}",
                name=f"Cơ quan {number}",
                short_name=f"CQ {number}",
                kind="department" if parent_id else "province",
                parent_id=parent_id,
                valid_from=date(2020, 1, 1),
            )
            spoken.publish(event, agency_id)
