"""The beginning of a new province: its root agency and its first administrator, entered only if missing.

    python -m services.directory.bootstrap [--agency-code H42] [--agency-name "…"]

Runs after the migrations with the directory's environment and BOOTSTRAP_ADMIN_PASSWORD.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

from msgspec import Meta
from msgspec.structs import replace
from sqlalchemy import select

from contracts.directory import staff as c
from contracts.directory.accounts import OpenAccount
from contracts.directory.agencies import CreateAgency
from kernel.base import clock
from kernel.data.database import Database
from kernel.data.store import ObjectStore
from kernel.life import log
from kernel.life.settings import from_environ
from kernel.trust.identity import Actor
from kernel.trust.trail import Origin
from kernel.work.call import Call
from kernel.work.unit_of_work import transaction
from org import reach
from services.directory import rules
from services.directory.access.handlers import accounts
from services.directory.access.repository import AccountRepository
from services.directory.agencies import handlers as agencies
from services.directory.agencies.repository import AgencyRepository
from services.directory.agencies.tables import agency_periods
from services.directory.appointments import handlers as people
from services.directory.policy import FIRST_ROLES, POLICY, RACES
from services.directory.resources import Resources, make_resources
from services.directory.rules import Root
from services.directory.settings import DirectorySettings

USERNAME = "quantri"
FULL_NAME = "Quản trị hệ thống"
TITLE = "Quản trị hệ thống cấp tỉnh"


@dataclass(frozen=True, kw_only=True)
class BootstrapSettings(DirectorySettings):
    """The directory's settings and the first administrator's password."""

    bootstrap_admin_password: Annotated[str, Meta(min_length=12, max_length=200)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Enter what is missing, and say what was."""
    settings = from_environ(BootstrapSettings)
    clock.configure(settings.eiso_mode, settings.business_clock_file)
    log.configure("directory-bootstrap", settings.log_level, settings.log_format)
    database, resources = Database(settings.database_url, pool=1), make_resources(settings)
    try:
        done = begin(database, settings, resources, _root(arguments))
    finally:
        database.close()
    for line in done or ["đã có đủ, không thay đổi gì / complete already, nothing changed"]:
        print(line)


def begin(database: Database, settings: BootstrapSettings, resources: Resources, root: Root) -> list[str]:
    """What was entered, in plain words; empty when everything was there."""
    with _as_system(database, settings, resources) as call:
        AgencyRepository(call.session).lock_tree()
        done: list[str] = []
        root_id = _root_id(call)
        if root_id is None:
            root_id = _enter_root(call, root)
            done.append(f"{root.name} ({root.code}): cơ quan gốc / root agency")
        if AccountRepository(call.session).called(USERNAME) is None:
            _enter_administrator(call, root_id, root, settings.bootstrap_admin_password)
            done.append(f"{USERNAME}: tài khoản quản trị / administrator account")
        return done


def _root(arguments: Sequence[str] | None) -> Root:
    known = rules.root_agency()
    parser = argparse.ArgumentParser(prog="python -m services.directory.bootstrap", description=__doc__)
    parser.add_argument("--agency-code", default=known.code)
    parser.add_argument("--agency-name", default=known.name)
    parser.add_argument("--agency-short-name", default=known.short_name)
    given = parser.parse_args(arguments)
    return replace(known, code=given.agency_code, name=given.agency_name, short_name=given.agency_short_name)


@contextmanager
def _as_system(database: Database, settings: BootstrapSettings, resources: Resources) -> Iterator[Call]:
    """One transaction for all of it: half a beginning would be worse than none."""
    actor = Actor.system("bootstrap")
    origin = Origin(actor=actor, action="directory:bootstrap", occurred_at=clock.business_now())
    with transaction(database, origin, constraints=RACES) as session:
        yield Call(
            session=session,
            actor=actor,
            service="directory",
            action="bootstrap",
            policy=POLICY,
            settings=settings,
            store=ObjectStore.from_settings(settings),
            reaching=reach,
            resources=resources,
        )


def _root_id(call: Call) -> UUID | None:
    roots = select(agency_periods.c.agency_id).where(agency_periods.c.parent_id.is_(None))
    return call.session.scalar(roots.limit(1))


def _enter_root(call: Call, root: Root) -> UUID:
    entered = CreateAgency(
        request_id=uuid4(),
        code=root.code,
        name=root.name,
        short_name=root.short_name,
        kind=root.kind,
        valid_from=root.valid_from,
        basis=root.basis,
    )
    return agencies.create_agency(call, entered).id


def _enter_administrator(call: Call, root_id: UUID, root: Root, password: str) -> None:
    person = people.register_person(call, c.RegisterPerson(request_id=uuid4(), full_name=FULL_NAME))
    roles = [c.RoleToGrant(role=role, with_subtree=True) for role in FIRST_ROLES]
    appointed = c.AppointPosition(
        request_id=uuid4(),
        agency_id=root_id,
        person_id=person.id,
        title=TITLE,
        # From the tree's own first day on, so that business time set back finds an administrator too.
        held_from=root.valid_from,
        roles=roles,
    )
    people.appoint_position(call, appointed)
    opened = OpenAccount(
        request_id=uuid4(),
        person_id=person.id,
        username=USERNAME,
        password=password,
        must_change_password=False,
    )
    accounts.open_account(call, opened)


if __name__ == "__main__":
    main()
