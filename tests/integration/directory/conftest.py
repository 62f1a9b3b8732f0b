"""A directory with its root and first administrator, spoken to as the gateway would."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest

from contracts.directory import access, accounts, agencies
from contracts.directory import staff as c
from contracts.directory.roles import Role
from kernel.life.settings import from_environ
from services.directory import rules
from services.directory.bootstrap import USERNAME, BootstrapSettings, begin
from services.directory.resources import make_resources
from services.directory.service import DirectoryService
from tests.integration.settings import environment_of

ADMIN_PASSWORD = "cau that dai cua quan tri"
PASSWORD = "mot cau du dai 2026"
CHEAP = {"ARGON2_PASSES": "1", "ARGON2_MEMORY_KIB": "64", "ARGON2_LANES": "1"}
BEGIN = date(2025, 7, 1)


@dataclass
class Directory:
    """The running service and short ways to ask it."""

    running: Any
    rpc: Any
    databases: Any = None
    token: str = ""
    numbers: list[int] = field(default_factory=lambda: [0])

    def ask(self, method: str, body: Any, *, token: str | None = None, seconds: float = 15) -> dict[str, Any]:
        return self.rpc.call(f"directory.{method}", body, token=token or self.token, seconds=seconds)

    def ok(self, method: str, body: Any, *, token: str | None = None, seconds: float = 15) -> Any:
        answer = self.ask(method, body, token=token, seconds=seconds)
        assert "ok" in answer, answer
        return answer["ok"]

    def refused(self, method: str, body: Any, *, token: str | None = None) -> tuple[str, str | None]:
        answer = self.ask(method, body, token=token)
        assert "refused" in answer, answer
        return answer["refused"]["code"], answer["refused"]["field"]

    def together(self, *calls: tuple[str, Any], token: str | None = None) -> list[dict[str, Any]]:
        """Calls sent side by side; their answers in the order of the calls."""
        sent = [self.rpc.send(f"directory.{name}", body, token=token or self.token) for name, body in calls]
        found = answers(self.rpc, sent)
        return [found[each] for each in sent]

    @property
    def database(self):
        return self.running.database

    @property
    def root_id(self) -> UUID:
        me = self.ok("me", access.Me())
        return UUID(me["agency"]["id"])

    def sign_in(self, username: str, password: str, **more: Any) -> dict[str, Any]:
        """As one who signs in: without a token."""
        return self.rpc.call("directory.sign_in", a_sign_in(username, password, **more))

    def an_agency(self, **changes: Any) -> UUID:
        self.numbers[0] += 1
        given = {
            "code": f"H42.{self.numbers[0]:03}",
            "name": f"Sở thứ {self.numbers[0]}",
            "short_name": f"Sở {self.numbers[0]}",
            "kind": "department",
            "parent_id": self.root_id,
            "valid_from": BEGIN,
        }
        return UUID(
            self.ok("create_agency", agencies.CreateAgency(request_id=uuid4(), **given | changes))["id"]
        )

    def a_person(
        self, full_name: str = "Đinh Thị Mẫu", email: str | None = None, home: UUID | None = None
    ) -> UUID:
        given = {"full_name": full_name, "email": email, "home_agency_id": home}
        command = c.RegisterPerson(request_id=uuid4(), **given)
        return UUID(self.ok("register_person", command)["id"])

    def a_position(self, agency_id: UUID, person_id: UUID, **changes: Any) -> dict[str, Any]:
        return self.ok("appoint_position", an_appointment(agency_id, person_id, **changes))

    def an_account(self, username: str, *roles: Role, **more: Any) -> tuple[UUID, UUID]:
        """A person with a position in a new department and an account; their ids."""
        agency_id, person_id = self.an_agency(), self.a_person()
        granted = [c.RoleToGrant(role=role, with_subtree=True) for role in roles]
        self.a_position(agency_id, person_id, roles=granted)
        self.ok("open_account", an_account(person_id, username, **more))
        return person_id, agency_id

    def token_of(self, username: str, password: str = PASSWORD) -> str:
        answer = self.sign_in(username, password)
        assert "ok" in answer, answer
        return answer["ok"]["grant"]


def answers(rpc: Any, sent: list[str], within: float = 20) -> dict[str, Any]:
    """The answers to several calls, whatever their order."""
    found: dict[str, Any] = {}
    with eventlet.Timeout(within):
        while set(sent) - set(found):
            found |= [rpc.arrived(within)]
    return found


def a_sign_in(username: str, password: str, **more: Any) -> access.SignIn:
    return access.SignIn(request_id=uuid4(), username=username, password=password, **more)


def an_account(person_id: UUID, username: str, **changes: Any) -> accounts.OpenAccount:
    given = {"request_id": uuid4(), "password": PASSWORD, "must_change_password": False}
    return accounts.OpenAccount(person_id=person_id, username=username, **given | changes)


def an_appointment(agency_id: UUID, person_id: UUID, **changes: Any) -> c.AppointPosition:
    given = {"request_id": uuid4(), "title": "Chuyên viên", "held_from": BEGIN}
    return c.AppointPosition(agency_id=agency_id, person_id=person_id, **given | changes)


def begin_with(settings: Any, database: Any) -> list[str]:
    """The root agency and the administrator, as the one-shot enters them."""
    known = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    settings = BootstrapSettings(**known, bootstrap_admin_password=ADMIN_PASSWORD)
    resources = make_resources(settings)
    return begin(database, settings, resources, rules.root_agency())


@pytest.fixture
def beginning():
    """`beginning(running)`: enter the first records."""
    return lambda running: begin_with(running.means.settings, running.database)


@pytest.fixture(scope="session")
def cheap_settings(platform, _databases):
    """Settings with cheap hashes, on a database that holds the first records."""
    database = _databases.fresh("directory")
    name = database.engine.url.database
    _databases.made.remove(name)
    url = database.engine.url.render_as_string(hide_password=False)
    environ = environment_of(platform, "directory", DATABASE_URL=url, **CHEAP)
    settings = from_environ(DirectoryService.settings, environ)
    begin_with(settings, database)
    database.close()
    yield settings
    _databases.admin(f'drop database "{name}" with (force)')


@pytest.fixture
def directory(running, rpc, cheap_settings, databases):
    """The directory, spoken to as the administrator unless a token is given."""
    database = databases.clone(cheap_settings.database_url.rpartition("/")[2], "directory")
    service = running("directory", "rpc", database=database, **CHEAP)
    made = Directory(service, rpc, databases)
    made.token = made.token_of(USERNAME, ADMIN_PASSWORD)
    yield made
    database.close()
