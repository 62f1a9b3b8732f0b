"""What is asked about accounts. Written by `make client`; change the operations instead."""

from collections.abc import Sequence
from typing import TypedDict

from client.caller import Caller, Day, Id, Shape
from client.generated.inputs import RoleToGrantInput


class SessionOpenedMePosition(TypedDict):
    """What is asked of a Position."""

    id: str


class SessionOpenedMePerson(TypedDict):
    """What is asked of a Person."""

    id: str


class SessionOpenedMeAgency(TypedDict):
    """What is asked of a Agency."""

    id: str
    code: str


class SessionOpenedMe(TypedDict):
    """What is asked of a Me."""

    position: SessionOpenedMePosition
    person: SessionOpenedMePerson
    agency: SessionOpenedMeAgency
    businessToday: str


class SessionOpened(TypedDict):
    """What is asked of a Session."""

    grant: str
    refreshToken: str
    me: SessionOpenedMe


class OpenAccount(TypedDict):
    """What is asked of a Account."""

    id: str


class RegisterPerson(TypedDict):
    """What is asked of a Person."""

    id: str


class AppointPosition(TypedDict):
    """What is asked of a Position."""

    id: str


class PositionsOfPerson(TypedDict):
    """What is asked of a Person."""

    id: str
    fullName: str


class PositionsOf(TypedDict):
    """What is asked of a Position."""

    title: str
    person: PositionsOfPerson | None


SIGN_IN = """
mutation SignIn($input: SignInInput!) { answer: signIn(input: $input) { __typename ...SessionOpened ...
on Problem { code message remedy field } } } fragment SessionOpened on Session { grant refreshToken me {
position { id } person { id } agency { id code } businessToday } }
"""

REFRESH_SESSION = """
mutation RefreshSession($input: RefreshSessionInput!) { answer: refreshSession(input: $input) {
__typename ...SessionOpened ... on Problem { code message remedy field } } } fragment SessionOpened on
Session { grant refreshToken me { position { id } person { id } agency { id code } businessToday } }
"""

OPEN_ACCOUNT = """
mutation OpenAccount($input: OpenAccountInput!) { answer: openAccount(input: $input) { __typename ... on
Account { id } ... on Problem { code message remedy field } } }
"""

REGISTER_PERSON = """
mutation RegisterPerson($input: RegisterPersonInput!) { answer: registerPerson(input: $input) {
__typename ... on Person { id } ... on Problem { code message remedy field } } }
"""

APPOINT_POSITION = """
mutation AppointPosition($input: AppointPositionInput!) { answer: appointPosition(input: $input) {
__typename ... on Position { id } ... on Problem { code message remedy field } } }
"""

POSITIONS_OF = """
query PositionsOf($agencyId: UUID!) { positions(agencyId: $agencyId, first: 50) { edges { node { title
person { id fullName } } } } }
"""


class AboutAccounts(Caller):
    """Operations about accounts."""

    async def sign_in(
        self,
        *,
        username: str,
        password: str,
        request_id: Id | None = None,
        position_id: Id | None = None,
        acting_for: Id | None = None,
        device_token: str | None = None,
    ) -> SessionOpened:
        """Sign in with a local account; `positionId` chooses the position, `actingFor` a delegation."""
        done: SessionOpened = await self._command(
            "signIn",
            SIGN_IN,
            {
                "username": username,
                "password": password,
                "request_id": request_id,
                "position_id": position_id,
                "acting_for": acting_for,
                "device_token": device_token,
            },
        )
        return done

    async def refresh_session(
        self,
        *,
        refresh_token: str,
        request_id: Id | None = None,
        acting_for: Id | None = None,
        as_oneself: bool | None = None,
    ) -> SessionOpened:
        """Renew a session; the refresh token is used up and a new one comes back."""
        done: SessionOpened = await self._command(
            "refreshSession",
            REFRESH_SESSION,
            {
                "refresh_token": refresh_token,
                "request_id": request_id,
                "acting_for": acting_for,
                "as_oneself": as_oneself,
            },
        )
        return done

    async def open_account(
        self,
        *,
        person_id: Id,
        username: str,
        password: str,
        request_id: Id | None = None,
        must_change_password: bool | None = None,
    ) -> OpenAccount:
        """Give a person a local account; the first password must be changed unless said otherwise."""
        done: OpenAccount = await self._command(
            "openAccount",
            OPEN_ACCOUNT,
            {
                "person_id": person_id,
                "username": username,
                "password": password,
                "request_id": request_id,
                "must_change_password": must_change_password,
            },
        )
        return done

    async def register_person(
        self,
        *,
        full_name: str,
        request_id: Id | None = None,
        email: str | None = None,
        phone: str | None = None,
        staff_number: str | None = None,
        home_agency_id: Id | None = None,
    ) -> RegisterPerson:
        """Enter a member of staff; the home agency is the first that the person works in, unless it is
        named."""
        done: RegisterPerson = await self._command(
            "registerPerson",
            REGISTER_PERSON,
            {
                "full_name": full_name,
                "request_id": request_id,
                "email": email,
                "phone": phone,
                "staff_number": staff_number,
                "home_agency_id": home_agency_id,
            },
        )
        return done

    async def appoint_position(
        self,
        *,
        agency_id: Id,
        person_id: Id,
        title: str,
        held_from: Day,
        request_id: Id | None = None,
        held_to: Day | None = None,
        roles: Sequence[RoleToGrantInput | Shape] | None = None,
    ) -> AppointPosition:
        """Let a person hold a position in an agency from a date on, with its roles."""
        done: AppointPosition = await self._command(
            "appointPosition",
            APPOINT_POSITION,
            {
                "agency_id": agency_id,
                "person_id": person_id,
                "title": title,
                "held_from": held_from,
                "request_id": request_id,
                "held_to": held_to,
                "roles": roles,
            },
        )
        return done

    async def positions_of(self, *, agency_id: Id) -> list[PositionsOf]:
        """Positions of one agency held on `asOf` (default: the business date)."""
        found: list[PositionsOf] = [
            edge["node"] for edge in (await self._one("positions", POSITIONS_OF, agencyId=agency_id))["edges"]
        ]
        return found
