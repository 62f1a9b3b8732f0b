"""What every service is: a name, a policy, its methods and reactions, and what it does by itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from contracts.base import Event, EventLog, EventsAfter
from contracts.directory.events import AuthorityEnded
from kernel.bus.rpc import query
from kernel.bus.subscription import UrgentSubscription, on
from kernel.bus.worker import MeansProvider
from kernel.call import Call, Reaction
from kernel.data import outbox
from kernel.data.jobs import Step
from kernel.data.unit_of_work import Constraints
from kernel.life.settings import Settings
from kernel.trust import heeding
from kernel.trust.policy import Policy
from kernel.upkeep.differences import Difference


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
class AgencyFigure:
    """A business figure; `counted` is SQL for agency and number, one row an agency."""

    name: str
    counted: str


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Tables that hold nothing but what events told, and the reactions that keep them and do nothing else.

    `own`: events of this very service, projected as it tells them. Tables referred to come first.
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
    """Base of the services; nameko finds `name`, the methods and the reactions on the class."""

    name: ClassVar[str]
    policy: ClassVar[Policy]
    settings: ClassVar[type[Any]] = Settings
    sweeps: ClassVar[tuple[Sweep, ...]] = ()
    backlogs: ClassVar[tuple[Backlog, ...]] = ()
    agency_figures: ClassVar[tuple[AgencyFigure, ...]] = ()
    jobs: ClassVar[Mapping[str, Step]] = {}
    constraints: ClassVar[Constraints] = {}
    needs_store: ClassVar[bool] = False
    behind: ClassVar[bool] = False
    by_index: ClassVar[bool] = False
    projections: ClassVar[tuple[Projection, ...]] = ()
    derived: ClassVar[tuple[Derived, ...]] = ()

    means = MeansProvider()

    @staticmethod
    def equip(settings: Any) -> Any:
        """The service's own tools (a store, a mailer, a signer); none unless it says so."""
        return None

    @staticmethod
    def objects(session: Session) -> Iterator[KeptObject]:
        """The objects this service relies on, in the order of their keys' bytes."""
        return iter(())

    @query(EventsAfter)
    def events_after(self, call: Call, question: EventsAfter) -> EventLog:
        """A stretch of this service's event log, for a consumer that catches up."""
        return outbox.events_after(call.session, question)


class HeedingService(Service):
    """A service that hears from the directory which rights have ended; the directory itself knows."""

    @on(AuthorityEnded, kind=UrgentSubscription)
    def heed_authority_ended(self, call: Reaction, event: AuthorityEnded) -> None:
        heeding.note(call.session, event, call.envelope.version, call.envelope.recorded_at)
