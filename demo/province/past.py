"""What the demonstration province came out of: the units that were, and the acts that ended them."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize
from uuid import UUID

from contracts.directory.reorganisations import (
    AgencyDissolution,
    AgencyMerge,
    LegalBasis,
    NewAgency,
    ReorganisationPlan,
)
from demo.province import province
from demo.province.province import Agency
from kernel.base.text import fold

FILE = Path(__file__).parent / "past.toml"
PREFIX = "CU"
"""How codes of ours begin: the sources give no official ones for these units."""
UNITS = ("tỉnh", "thành phố", "huyện", "thị trấn", "phường", "xã")


def first_day() -> date:
    """From which day on the units are entered; the tree must have begun by then."""
    day: date = _data()["first_day"]
    return day


def before() -> list[Agency]:
    """The units that stood before the first act; parents stand before children."""
    root = _former_province()
    districts = [(_unit(each["name"], root, "district"), each) for each in _data()["districts"]]
    communes = [unit for district, each in districts for unit in _communes_of(district, each)]
    return [root, *(district for district, _ in districts), *communes]


def created() -> list[Agency]:
    """The units that the acts create: one that was there between them, and communes of today."""
    found = []
    for act in _data()["acts"]:
        since = {"valid_from": act["effective_on"], "basis": act["number"]}
        names = (each["name"] for each in act.get("creates", ()))
        found += [replace(_old()[name], **since) for name in names]
        intos = (each["into"] for each in act.get("merges", ()))
        found += [replace(_today()[name], **since) for name in intos if name in _today()]
    return found


def acts(ids: Mapping[str, UUID]) -> list[ReorganisationPlan]:
    """The acts in the order in which they are done; `ids` by code, also of what they create."""
    return [_act(given, ids) for given in _data()["acts"]]


def _act(given: Mapping[str, Any], ids: Mapping[str, UUID]) -> ReorganisationPlan:
    def old(name: str) -> UUID:
        return ids[_old()[name].code]

    merges = [
        AgencyMerge(from_ids=[old(name) for name in each["from"]], into_id=ids[_taker(each["into"]).code])
        for each in given.get("merges", ())
    ]
    wards = [_old()[each["name"]] for each in given.get("creates", ())]
    communes = [_today()[each["into"]] for each in given.get("merges", ()) if each["into"] in _today()]
    return ReorganisationPlan(
        effective_on=given["effective_on"],
        basis=LegalBasis(
            number=given["number"],
            issued_on=given["issued_on"],
            issued_by=given["issued_by"],
            subject=f"{given['subject']}. Độ tin cậy: {given['certainty']}.",
        ),
        creations=[_new(each, ids) for each in (*wards, *communes)],
        merges=merges,
        dissolutions=[AgencyDissolution(agency_id=old(name)) for name in given.get("ends", ())],
    )


def _new(agency: Agency, ids: Mapping[str, UUID]) -> NewAgency:
    return NewAgency(
        id=ids[agency.code],
        code=agency.code,
        name=agency.name,
        short_name=agency.short_name,
        kind=agency.kind,
        parent_id=ids[agency.parent or ""],
    )


def _taker(name: str) -> Agency:
    """Who takes over: a commune of today, the province itself, or a unit of that time."""
    root = province.province()
    known = {_plain(root): root}
    return _today().get(name) or known.get(name) or _old()[name]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(normalize("NFC", FILE.read_text("utf-8")))


@cache
def _today() -> dict[str, Agency]:
    return {_plain(each): each for each in province.communes()}


@cache
def _old() -> dict[str, Agency]:
    """The units that are no more, by name; where two bear one, the district stands behind it."""
    known = {each.code: each for each in before()}
    above = {_plain(each): each for each in known.values() if each.kind == "district"}
    for act in _data()["acts"]:
        for new in act.get("creates", ()):
            ward = _unit(new["name"], above[new["below"]], "commune")
            known[ward.code] = ward
    borne = Counter(map(_plain, known.values()))
    return {
        _plain(each)
        if borne[_plain(each)] == 1
        else f"{_plain(each)} ({_plain(known[each.parent or ''])})": each
        for each in known.values()
    }


def _communes_of(district: Agency, given: Mapping[str, Any]) -> Iterator[Agency]:
    for name in given.get("communes", ()):
        yield _unit(name, district, "commune")
    for name in given.get("assumed", ()):
        yield replace(_unit(name, district, "commune"), basis=_data()["basis_assumed"])


def _former_province() -> Agency:
    given = _data()["province"]
    unit = _unit(given["name"], province.province(), given["kind"])
    return replace(unit, code=f"{PREFIX}.{_folded(given['name'])}")


def _unit(name: str, above: Agency, kind: str) -> Agency:
    return Agency(
        code=f"{above.code}.{_folded(name)}",
        name=f"Ủy ban nhân dân {name}",
        short_name=f"UBND {name}",
        kind=kind,
        parent=above.code,
        valid_from=first_day(),
        basis=_data()["basis_before"],
    )


def _folded(name: str) -> str:
    """`thị trấn Lâm` → `LAM`."""
    unit = next(each for each in UNITS if name.startswith(f"{each} "))
    return fold(name.removeprefix(unit)).replace(" ", "").upper()


def _plain(agency: Agency) -> str:
    return agency.short_name.removeprefix("UBND ")
