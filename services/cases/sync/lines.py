"""Reads the lines of a sync: one JSON object a line, in the spelling of the schema or in the older one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from contracts.cases.dossiers import DossierStatus
from contracts.cases.sync import MOST_LINES, SyncedDossier, SyncedPause
from kernel.base import wire
from kernel.base.errors import Invalid, Refusal
from kernel.base.text import camel

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class ReadLine:
    """A line that has the right shape."""

    line: int
    record: SyncedDossier


@dataclass(frozen=True)
class BadLine:
    """A line that has not, with the dossier number it names where it names one."""

    line: int
    no: Refusal
    number: str | None


def read(text: str) -> Iterator[ReadLine | BadLine]:
    """Every line that is not blank, in order; `Invalid` where there are more than one call takes."""
    # Not splitlines(): a JSON text may hold U+2028 and its like unescaped.
    numbered = enumerate(text.removeprefix(BYTE_ORDER_MARK).split("\n"), start=1)
    lines = [(number, line) for number, line in numbered if line.strip()]
    if len(lines) > MOST_LINES:
        raise Invalid("too_many_lines", "lines", limit=MOST_LINES)
    return (_read(number, line) for number, line in lines)


def _read(number: int, line: str) -> ReadLine | BadLine:
    raw: Any = None
    try:
        raw = wire.decode(line)
        if isinstance(raw, Mapping):
            raw = _as_contract(raw)
        return ReadLine(number, _whole_seconds(wire.admit(SyncedDossier, raw)))
    except Refusal as no:
        return BadLine(number, no, _number_of(raw))


def _number_of(raw: Any) -> str | None:
    said = raw.get("number") if isinstance(raw, Mapping) else None
    return said[:60].replace("\x00", "") if isinstance(said, str) else None


def _as_contract(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The object under the contract's names and words; a name that nobody knows is refused, not dropped."""
    named = _renamed(raw, SyncedDossier, "")
    if isinstance(named.get("status"), str):
        named["status"] = _STATUS.get(named["status"], named["status"])
    if isinstance(named.get("pauses"), list):
        pauses = enumerate(named["pauses"])
        named["pauses"] = [
            _renamed(each, SyncedPause, f"pauses.{place}.") if isinstance(each, Mapping) else each
            for place, each in pauses
        ]
    return named


def _renamed(raw: Mapping[str, Any], shape: type, where: str) -> dict[str, Any]:
    names = _names(shape)
    found: dict[str, Any] = {}
    for said, value in raw.items():
        if said not in names:
            known = ", ".join(sorted(camel for camel in names if "_" not in camel))
            raise Invalid("line_field_unknown", f"{where}{said[:60]}", name=said[:60], known=known)
        if names[said] in found:
            raise Invalid("line_field_twice", f"{where}{said}", name=said)
        found[names[said]] = value
    return found


@cache
def _names(shape: type) -> Mapping[str, str]:
    """The two spellings of each field → its name: `receivedAt`, as in the schema, and `received_at`."""
    own = [each.name for each in fields(shape)]
    return {spelling: name for name in own for spelling in (name, camel(name))}


_STATUS = {each.name: each.value for each in DossierStatus}


def _whole_seconds(record: SyncedDossier) -> SyncedDossier:
    """Moments in UTC; due times are counted to the second."""
    pauses = [replace(each, since=_whole(each.since), until=_whole(each.until)) for each in record.pauses]
    moments = {f.name: _whole(getattr(record, f.name)) for f in fields(record) if f.name.endswith("_at")}
    return replace(record, pauses=pauses, **moments)


def _whole(moment: datetime | None) -> Any:
    return moment and moment.astimezone(UTC).replace(microsecond=0)
