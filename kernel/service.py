"""What every service is: a name, a policy, its methods and reactions, and what it does by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from contracts.base import EventLog, EventsAfter
from kernel.bus.rpc import query
from kernel.bus.worker import MeansProvider
from kernel.call import Call
from kernel.data import outbox
from kernel.data.jobs import Step
from kernel.data.unit_of_work import Constraints
from kernel.life.settings import Settings
from kernel.trust.policy import Policy


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

    means = MeansProvider()

    @staticmethod
    def equip(settings: Any) -> Any:
        """The service's own tools (a store, a mailer, a signer); none unless it says so."""
        return None

    @query(EventsAfter)
    def events_after(self, call: Call, question: EventsAfter) -> EventLog:
        """A stretch of this service's event log, for a consumer that catches up."""
        return outbox.events_after(call.session, question)
