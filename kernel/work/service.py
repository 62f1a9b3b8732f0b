"""What every service is: a name, a policy, its methods and reactions, and what it does by itself."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from contracts.base import Event
from kernel.data.differences import Difference
from kernel.life.settings import Settings
from kernel.trust.policy import Policy
from kernel.trust.reach import OwnOnly, Reaching
from kernel.work import event_log
from kernel.work.call import Call, Reaction
from kernel.work.jobs import Step
from kernel.work.operations import Operation, Subscribed, operations_in, reactions_in
from kernel.work.unit_of_work import Constraints

Measure = Callable[[Session], None]


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Work a service does by itself every so many seconds; `run` returns how much it did."""

    name: str
    every: float
    run: Callable[[Call], int]


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """Work that comes due by itself; `due` is SQL for how much is due at `:now` and since when."""

    name: str
    due: str
    in_business_time: bool = False


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Tables that hold nothing but what events brought, and the reactions that keep them and do nothing else.

    `own`: events of this very service, projected as it publishes them. Tables referred to come first.
    """

    tables: tuple[str, ...]
    reactions: tuple[str, ...] = ()
    own: Mapping[type[Event], Callable[[Reaction, Any], None]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Derived:
    """What a service keeps beside its truth to be quick, and can count anew at any time."""

    name: str
    differences: Callable[[Session], Iterator[Difference]]
    rebuild: Callable[[Session], None]


@dataclass(frozen=True, kw_only=True)
class KeptObject:
    """An object that the store must hold as it was, or, without a version, may hold."""

    key: str
    version_id: str | None
    sha256: str
    size: int
    about: str


class Service:
    """Base of the services: a name, a policy, and the modules in which its handlers stand."""

    name: ClassVar[str]
    policy: ClassVar[Policy]
    handlers: ClassVar[tuple[ModuleType, ...]] = ()
    operations: ClassVar[Mapping[str, Operation]] = {}
    reactions: ClassVar[Mapping[str, Subscribed]] = {}
    settings: ClassVar[type[Any]] = Settings
    sweeps: ClassVar[tuple[Sweep, ...]] = ()
    backlogs: ClassVar[tuple[Backlog, ...]] = ()
    jobs: ClassVar[Mapping[str, Step]] = {}
    constraints: ClassVar[Constraints] = {}
    needs_store: ClassVar[bool] = False
    behind: ClassVar[bool] = False
    by_index: ClassVar[bool] = False
    projections: ClassVar[tuple[Projection, ...]] = ()
    derived: ClassVar[tuple[Derived, ...]] = ()
    reaching: ClassVar[Reaching] = OwnOnly()
    """How far the roles of a caller reach."""
    peers: ClassVar[frozenset[str]] = frozenset()
    """Services that may call without a token: the broker vouches for their names."""

    def __init_subclass__(cls) -> None:
        # The event log of a service is read by every other one, in the same way everywhere.
        modules = (*cls.handlers, event_log)
        cls.operations, cls.reactions = operations_in(modules), reactions_in(modules)

    @staticmethod
    def make_resources(settings: Any) -> Any:
        """The service's own resources (a store, a mailer, a signer); none unless it says so."""
        return None

    @staticmethod
    def objects(session: Session) -> Iterator[KeptObject]:
        """The objects this service relies on, in the order of their keys' bytes."""
        return iter(())

    @classmethod
    def seldom(cls) -> Mapping[str, Measure]:
        """What is measured beside the kernel's own figures, and takes more than an index's edge to count."""
        return {}

    @classmethod
    def heard(cls) -> Mapping[str, list[Subscribed]]:
        """Topic → the reactions to it."""
        found: dict[str, list[Subscribed]] = defaultdict(list)
        for each in cls.reactions.values():
            found[each.event.topic].append(each)
        return found
