"""Programs of portals: registered, approved by the province every year, let in by id and secret."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import ByIds, Command, Errand, Form, Name, PageEnd, PageOf, Reason, text


class Scope(StrEnum):
    """What a program may be let into; which calls a scope opens stands in each service's policy."""

    DOCUMENTS_READ = "documents.read"
    CASES_READ = "cases.read"
    CASES_SYNC = "cases.sync"
    AUDITS_READ = "audits.read"
    DIRECTORY_READ = "directory.read"


class ClientState(StrEnum):
    """Whether a program is let in."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(kw_only=True)
class ClientReach:
    """An agency whose things a program may see, alone or with everything below it."""

    agency_id: UUID
    with_subtree: bool = False


@dataclass(kw_only=True)
class ClientView:
    """A program of a portal, never with its secret; by `approval_due_on` the province must agree again."""

    id: UUID
    agency_id: UUID
    responsible_id: UUID
    name: str
    purpose: str
    scopes: list[Scope]
    agencies: list[ClientReach]
    calls_per_minute: int
    calls_per_day: int
    expires_on: date
    approved_on: date | None
    approval_due_on: date | None
    state: ClientState
    secret_set_at: datetime
    previous_secret_until: datetime | None
    last_used_at: datetime | None
    version: int


@dataclass(kw_only=True)
class ClientWithSecret:
    """A program and its new secret, which is shown this once and kept nowhere."""

    client: ClientView
    secret: str


@dataclass(kw_only=True)
class ClientPage(PageEnd):
    """A page of programs; `cursors[i]` belongs to `items[i]`."""

    items: list[ClientView]


@dataclass(kw_only=True)
class ClientSessionView:
    """A signed grant for a program, ten minutes at most; there is nothing to renew, one asks again."""

    grant: str
    expires_at: datetime
    scopes: list[Scope]


@dataclass(kw_only=True)
class CallsLeased:
    """How many calls a program may make now, and what is left of its minute and its day beside them."""

    client_id: UUID
    calls: int
    minute_ends_at: datetime
    day_ends_at: datetime
    per_minute: int
    left_in_minute: int
    per_day: int
    left_in_day: int


@dataclass(kw_only=True)
class ClientsByIds(ByIds[ClientView]):
    """Many programs at once; those whose owner one does not administer are left out."""


@dataclass(kw_only=True)
class ListClients(PageOf[ClientPage]):
    """Programs whose owners one administers, by name."""

    agency_id: UUID | None = None
    state: ClientState | None = None


@dataclass(kw_only=True)
class RegisterClient(Command[ClientWithSecret]):
    """Enter a program of a portal: whose it is, what for, what it is let into and how much it may ask."""

    agency_id: UUID
    responsible_id: UUID
    name: Name
    purpose: Reason
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=20)]
    agencies: Annotated[list[ClientReach], Meta(min_length=1, max_length=500)]
    calls_per_minute: Annotated[int, Meta(ge=1)]
    calls_per_day: Annotated[int, Meta(ge=1)]
    expires_on: date


@dataclass(kw_only=True)
class ApproveClient(Command[ClientView]):
    """The province agrees that a program goes on for another year, until another day if one is given."""

    client_id: UUID
    expected_version: int
    expires_on: date | None = None


@dataclass(kw_only=True)
class RotateClientSecret(Command[ClientWithSecret]):
    """A new secret; the one before stays good for so many days more."""

    client_id: UUID
    expected_version: int
    overlap_days: Annotated[int, Meta(ge=0)] = 0


@dataclass(kw_only=True)
class RevokeClient(Command[ClientView]):
    """Let a program in no more, for good."""

    client_id: UUID
    expected_version: int
    reason: Reason


@dataclass(kw_only=True)
class ClientSession(Command[ClientSessionView]):
    """Let a program in by its id and its secret."""

    client_id: UUID
    secret: Annotated[str, text(Form.VERBATIM, 20, 200)]


@dataclass(kw_only=True)
class LeaseCalls(Errand[CallsLeased]):
    """Some of the calls that a program may make: the gateway counts them off one by one."""
