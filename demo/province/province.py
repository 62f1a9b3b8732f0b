"""The agencies of the demonstration province, read from its data file."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

from deploy import units

FILE = Path(__file__).parent / "ninh_binh.toml"
IN_FULL = {each: f"Ủy ban nhân dân {each}" for each in ("xã", "phường", "đặc khu")}
IN_SHORT = {each: f"UBND {each}" for each in IN_FULL}


@dataclass(frozen=True, kw_only=True)
class Agency:
    """An agency to be entered under the province; `parent` is None for the province alone."""

    code: str
    name: str
    short_name: str
    kind: str
    parent: str | None
    valid_from: date
    basis: str | None = None
    unit: str | None = None
    """For a commune: `xã` or `phường`."""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(normalize("NFC", FILE.read_text("utf-8")))


def email_domain() -> str:
    """A domain that can belong to nobody (RFC 2606)."""
    return str(_data()["email_domain"])


def province() -> Agency:
    """The root, which the directory enters itself."""
    given = _data()["province"]
    kept = {name: given[name] for name in ("code", "name", "short_name", "basis")}
    return Agency(kind="province", parent=None, valid_from=_data()["valid_from"], **kept)


def departments() -> list[Agency]:
    """The province's office, departments and what ranks with them."""
    since, root = _data()["valid_from"], province().code
    return [Agency(parent=root, valid_from=since, **given) for given in _data()["departments"]]


def communes() -> list[Agency]:
    """The 129 communes, in the order of their codes."""
    since, root = _data()["valid_from"], province()
    return [
        Agency(
            code=f"{root.code}.{each.code}",
            name=f"{IN_FULL[each.unit]} {each.name}",
            short_name=f"{IN_SHORT[each.unit]} {each.name}",
            kind="commune",
            parent=root.code,
            valid_from=since,
            basis=units.BASIS,
            unit=each.unit,
        )
        for each in units.communes(_data()["province"]["administrative_code"], since)
    ]


def agencies() -> list[Agency]:
    """Everything below the root; parents stand before children."""
    return [*departments(), *communes()]
