"""Local accounts: opened for a person, their password, their sessions, put out of use and back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.base import Command, Question, Reason
from contracts.forms import Password, Sent, Username


@dataclass(kw_only=True)
class AccountView:
    """A local account, never with its password."""

    id: UUID
    person_id: UUID
    username: str
    must_change_password: bool


@dataclass(kw_only=True)
class OpenAccount(Command[AccountView]):
    """Give a person a local account; the first password must be changed unless said otherwise."""

    person_id: UUID
    username: Username
    password: Password
    must_change_password: bool = True


@dataclass(kw_only=True)
class ChangePassword(Command[AccountView]):
    """Replace one's own password."""

    current_password: Sent
    new_password: Password


class DisabledBecause(StrEnum):
    """Why nobody can sign in with an account."""

    IDLE = "idle"
    ADMINISTRATOR = "administrator"


@dataclass(kw_only=True)
class OpenSessionView:
    """A session that can still be renewed: since when, last used when, and until when at most."""

    id: UUID
    person_id: UUID
    position_id: UUID
    opened_at: datetime
    last_used_at: datetime
    ends_at: datetime
    is_current: bool


@dataclass(kw_only=True)
class AccountStateView:
    """Whether an account can be used, and when somebody last signed in with it."""

    id: UUID
    person_id: UUID
    username: str
    last_signed_in_at: datetime | None
    disabled_at: datetime | None
    disabled_because: DisabledBecause | None
    version: int
    locked_until: datetime | None = None
    """Until when strangers cannot sign in with it, after wrong tries; its owner's known devices can."""


@dataclass(kw_only=True)
class SessionsRevoked:
    """How many sessions ended; what was granted to them opens nothing any more two seconds later."""

    revoked: int


@dataclass(kw_only=True)
class MySessions(Question[list[OpenSessionView]]):
    """One's own open sessions, the last used first."""


@dataclass(kw_only=True)
class SessionsOf(Question[list[OpenSessionView]]):
    """The open sessions of somebody in whose agencies one administers."""

    person_id: UUID


@dataclass(kw_only=True)
class AccountOf(Question[AccountStateView]):
    """The state of somebody's account in whose agencies one administers."""

    person_id: UUID


@dataclass(kw_only=True)
class RevokeSession(Command[SessionsRevoked]):
    """End one of one's own sessions."""

    session_id: UUID


@dataclass(kw_only=True)
class RevokeOtherSessions(Command[SessionsRevoked]):
    """End all of one's own sessions but the one that asks."""


@dataclass(kw_only=True)
class RevokeSessionsOf(Command[SessionsRevoked]):
    """End every session of somebody."""

    person_id: UUID
    reason: Reason


@dataclass(kw_only=True)
class DisableAccount(Command[AccountStateView]):
    """Let nobody sign in with somebody's account; their sessions end."""

    person_id: UUID
    reason: Reason


@dataclass(kw_only=True)
class EnableAccount(Command[AccountStateView]):
    """Let somebody sign in again; being out of use is counted anew from now on."""

    person_id: UUID
    reason: Reason


@dataclass(kw_only=True)
class UnlockAccount(Command[AccountStateView]):
    """Forget every wrong try at signing in with somebody's account, so that they can sign in at once."""

    person_id: UUID
    reason: Reason
