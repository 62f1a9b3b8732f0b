"""The directory's dated data files, read once and checked when the process starts."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from contracts.directory.quality_systems import StandardView
from services.directory.access.domain.account import IdleRule
from services.directory.access.domain.lockout import LockOuts
from services.directory.access.domain.passwords import PasswordRule
from services.directory.access.domain.session import SessionRule
from services.directory.agencies.domain.kinds import Kind, Kinds
from services.directory.clients.domain import ClientRule
from services.directory.roles.domain.catalogue import RoleCatalogue, RoleRule

HERE = Path(__file__).parent
T = TypeVar("T")


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """The agency at the top of the tree, entered when there is none."""

    code: str
    name: str
    short_name: str
    kind: str
    valid_from: date
    basis: str


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """After how many days a holding that was not handed over is published, and how far back it is looked."""

    days_to_hand_over: int
    looks_back_days: int


def agency_kinds() -> Kinds:
    """Kinds of agency and where each may stand."""
    return Kinds(_read("agency_kinds.toml", "kinds", list[Kind]))


def roles() -> RoleCatalogue:
    """Every role, who may hold it how far and who may hand it on."""
    return RoleCatalogue(_read("roles.toml", "roles", list[RoleRule]))


def standards() -> list[StandardView]:
    """The editions of standards that quality management systems may go by."""
    return _read("standards.toml", "standards", list[StandardView])


def leaving() -> Leaving:
    """How long there is to hand over after a holding ended, before the unit's leader is notified."""
    return _read("handing_over.toml", "leaving", Leaving)


def lock_outs() -> LockOuts:
    """How wrong tries at signing in are answered."""
    return _read("sign_in.toml", "lock_out", LockOuts)


def passwords() -> PasswordRule:
    """Which passwords are too easy to guess."""
    return _read("sign_in.toml", "passwords", PasswordRule)


def session() -> SessionRule:
    """How long sessions last."""
    return _read("sign_in.toml", "session", SessionRule)


def idle() -> IdleRule:
    """When an account is out of use."""
    return _read("sign_in.toml", "idle", IdleRule)


def clients() -> ClientRule:
    """How programs of portals are kept."""
    return _read("clients.toml", "clients", ClientRule)


def root_agency() -> Root:
    """The agency the province's tree begins with."""
    return _read("root_agency.toml", "root", Root)


def _read(name: str, table: str, cls: type[T]) -> T:
    content: dict[str, Any] = tomllib.loads((HERE / name).read_text("utf-8"))
    return msgspec.convert(content[table], cls)
