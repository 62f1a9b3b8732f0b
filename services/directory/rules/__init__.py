"""The directory's dated data files, read once and checked when the process starts."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from services.directory.domain.account import IdleRule
from services.directory.domain.client import ClientRule
from services.directory.domain.kinds import Kind, Kinds
from services.directory.domain.lockout import LockOut
from services.directory.domain.session import SessionRule

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


def agency_kinds() -> Kinds:
    """Kinds of agency and where each may stand."""
    return Kinds(_read("agency_kinds.toml", "kinds", list[Kind]))


def lock_out() -> LockOut:
    """How wrong tries at signing in are answered."""
    return _read("sign_in.toml", "lock_out", LockOut)


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
