"""Signing in and out, and whom a session speaks for."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from contracts.base import (
    Addressed,
    Command,
    Question,
)
from contracts.directory.agencies import AgencyView
from contracts.directory.roles import HeldRole
from contracts.directory.staff import PersonView, PositionView
from contracts.forms import (
    Sent,
    Token,
    TypedName,
)


@dataclass(kw_only=True)
class MeView:
    """Who the caller is: a person acting as a position, for themselves or another, with which roles."""

    person: PersonView
    position: PositionView
    agency: AgencyView
    business_today: date
    must_change_password: bool
    roles: list[HeldRole] = field(default_factory=list)
    on_behalf_of: PersonView | None = None
    may_sign: bool = True


@dataclass(kw_only=True)
class SessionView:
    """A signed session grant (at most ten minutes) and the token that renews it.

    `device_token`: at a sign-in, what the device keeps and sends with the next one.
    """

    grant: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime
    me: MeView
    device_token: str | None = None


@dataclass(kw_only=True)
class PublicTokenView:
    """The grant that anonymous reads carry."""

    grant: str
    expires_at: datetime


@dataclass(kw_only=True)
class ClockView:
    """Real time and business time; they differ only where a test or a demonstration set them apart."""

    real_now: datetime
    business_now: datetime
    business_today: date
    is_shifted: bool


@dataclass(kw_only=True)
class Me(Question[MeView]):
    """Who am I?"""


@dataclass(kw_only=True)
class PublicGrant(Question[PublicTokenView]):
    """The grant for callers who have not signed in."""


@dataclass(kw_only=True)
class Clock(Question[ClockView]):
    """What time is it, really and for business?"""


@dataclass(kw_only=True)
class SignIn(Command[SessionView], Addressed):
    """Sign in with a local account; `position_id` chooses the position, `acting_for` a delegation.

    Capitals and blanks around the name do not matter. With the `device_token` of an earlier sign-in on the
    same device nothing that others try at this name delays its owner.
    """

    username: TypedName
    password: Sent
    position_id: UUID | None = None
    acting_for: UUID | None = None
    device_token: Sent | None = None


@dataclass(kw_only=True)
class RefreshSession(Command[SessionView]):
    """Renew a session; the refresh token is used up and a new one comes back.

    It goes on in the same capacity, unless `acting_for` chooses a delegation or `as_oneself` leaves it.
    """

    refresh_token: Token
    acting_for: UUID | None = None
    as_oneself: bool = False


@dataclass(kw_only=True)
class SignOut(Command[None]):
    """End the session the refresh token belongs to."""

    refresh_token: Token
