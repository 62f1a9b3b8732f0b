"""What one request carries: who asks, under which trace, and how its resolvers reach the services."""

from hashlib import sha256
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec
from strawberry.types.info import Info as StrawberryInfo

from contracts.base import Addressed, Command, Question, answer_of, name_of
from gateway.bus.addresses import UNKNOWN, neighbourhood
from gateway.bus.live import Feeds
from gateway.bus.refused import Defect, Refused
from gateway.graphql.guard import Guard
from gateway.graphql.limits import Limits
from gateway.graphql.loaders import Loaders
from kernel.base import wire
from kernel.base.errors import Forbidden, Invalid

NOBODY = UUID(int=0)


A = TypeVar("A")


class Caller(Protocol):
    """Whatever carries a call to a service and its answer back."""

    async def call(
        self,
        method: str,
        body: Any,
        *,
        token: str | None,
        traceparent: str,
        caller: str,
        address: str | None = None,
    ) -> Any:
        """The service's `ok`; a refusal is raised as `Refused`."""


class PublicGrants(Protocol):
    """Where the token of callers who have not signed in comes from."""

    async def current(self) -> str:
        """A token with some life left in it."""


class Context:
    """One request (or one WebSocket) and its loaders."""

    def __init__(
        self,
        bus: Caller,
        public: PublicGrants,
        *,
        token: str | None = None,
        traceparent: str | None = None,
        feeds: Feeds | None = None,
        guard: Guard | None = None,
        address: str = UNKNOWN,
    ) -> None:
        self.bus, self.public, self.guard = bus, public, guard
        self.feeds = feeds or Feeds()
        self.token, self.person_id = token, NOBODY
        self.traceparent = traceparent or wire.new_traceparent()
        self.address = address
        self.calls = 0
        self.connection_params: Any = None
        self.loaders = Loaders(self.ask)

    @property
    def trace_id(self) -> str:
        """What joins this request's log lines, calls, events and e-mails."""
        return wire.trace_id(self.traceparent) or ""

    def look_afresh(self) -> None:
        """Forget what was loaded and spent; a subscription does so before each of its results."""
        self.calls = 0
        self.loaders = Loaders(self.ask)

    @property
    def caller(self) -> str:
        """Whose turns the request takes: a token's, or of those without one an address's.

        The whole token counts, signature and all: what it says of itself is not verified here, and nobody
        may take another's turns by writing their name into a token of their own making.
        """
        if self.token is None:
            return neighbourhood(self.address)
        return sha256(self.token.encode()).hexdigest()[:32]

    async def ask(self, message: Question[A] | Command[A]) -> A:
        """Send a contract to the service it belongs to; the answer as the contract says it is."""
        self._spend()
        token = self.token or await self.public.current()
        method = method_of(type(message))
        more = {"address": neighbourhood(self.address)} if isinstance(message, Addressed) else {}
        sent = {"token": token, "traceparent": self.traceparent, "caller": self.caller}
        raw = await self.bus.call(method, wire.dump(message), **sent, **more)
        try:
            answer: A = msgspec.convert(raw, answer_of(type(message)))
            return answer
        except msgspec.ValidationError as error:
            raise Defect(f"{method} answered outside its contract: {error}") from error

    def _spend(self) -> None:
        """Count a call. The document was judged by estimates; this holds however long a list turns out."""
        most = self.guard.limits.calls if self.guard else Limits().calls
        if self.calls >= most:
            raise Refused.because(Invalid("calls_spent", limit=most))
        self.calls += 1

    def signed_in(self) -> None:
        """Refuse at once what makes no sense without a person."""
        if self.token is None:
            raise Refused.because(Forbidden("not_signed_in"))


Info = StrawberryInfo[Context, None]


def method_of(contract: type) -> str:
    """The RPC method of a command or question: `documents.create_document` for `CreateDocument`."""
    service = contract.__module__.split(".")[1]
    return f"{service}.{name_of(contract)}"
