"""`eiso agencies`: the communes of a province from the list of the country, or agencies from CSV or XLSX.

Either way agencies are entered by acts with a legal basis, as the person who signs in: judged and made whole.
"""

import argparse
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from client.gateway import Failed, Gateway
from client.generated.inputs import LegalBasisInput, NewAgencyInput
from client.generated.inputs import ReorganisationPreviewInput as Act
from contracts.messages import remedy, text
from deploy import units
from deploy.speech import both, language, said, say
from kernel.base import clock
from ops import signed_in
from ops.sheets import Shape, rows_of
from ops.signed_in import CouldNot, come_out, opened

AT_ONCE = 200
CODE = re.compile(r"[0-9A-Z]+(\.[0-9A-Z]+)*")
LIST_BASIS = (
    "19/2025/QĐ-TTg",
    date(2025, 6, 30),
    "Thủ tướng Chính phủ",
    "Danh mục và mã số các đơn vị hành chính",
)


@dataclass(frozen=True, kw_only=True)
class AgencyRow:
    """A line of the list, as it was written."""

    line: int
    code: str = ""
    name: str = ""
    short_name: str = ""
    kind: str = ""
    parent_code: str = ""
    valid_from: str = ""
    seal_name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


AGENCIES = Shape(row=AgencyRow, heading="agency_column", needed=("code", "name", "kind", "parent_code"))


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What is wrong with a line; `code` is the catalogue's."""

    line: int
    code: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What becomes of the lines: by their days in stretches that are created one after the other."""

    stretches: list[tuple[date, list[AgencyRow]]]
    unchanged: int
    bad: list[Remark]

    @property
    def creating(self) -> int:
        return sum(len(rows) for _, rows in self.stretches)


def arguments(parser: argparse.ArgumentParser) -> None:
    """province CODE, or import FILE."""
    parser.add_argument("act", choices=["province", "import"], help=both("ops_help_agencies_act"))
    parser.add_argument("what", help=both("ops_help_agencies_what"))
    parser.add_argument("--under", help=both("ops_help_agencies_under"))
    parser.add_argument("--since", type=date.fromisoformat, help=both("ops_help_agencies_since"))
    signed_in.arguments(parser)
    for part in ("number", "issued-on", "issued-by", "subject"):
        parser.add_argument(f"--basis-{part}", help=both(f"ops_help_agencies_basis_{part.replace('-', '_')}"))


def run(asked: argparse.Namespace) -> int:
    """0: entered, or nothing wrong with it; 1: lines are bad; 2: could not be done."""
    return come_out(_enter(asked))


async def _enter(asked: argparse.Namespace) -> int:
    basis = _basis(asked)
    async with opened(asked, seconds=60) as person:
        gateway = await person.gateway()
        known = {each["code"]: each for each in await gateway.all_agencies()}
        judged = judge(_rows(asked), known, asked.since)
        facts = {"creating": judged.creating, "unchanged": judged.unchanged, "bad": len(judged.bad)}
        say("agencies_judged", **facts)
        bad = [*judged.bad, *await _refused(gateway, judged, known, basis)]
        for remark in sorted(bad, key=lambda each: each.line)[:50]:
            _print(remark)
        if bad or asked.dry_run:
            return 1 if bad else 0
        for day, rows in judged.stretches:
            await gateway.reorganise(request_id=_once(day, rows), **_act(day, rows, known, basis))
    say("agencies_entered", count=judged.creating)
    return 0


def _rows(asked: argparse.Namespace) -> list[AgencyRow]:
    if asked.act == "import":
        return rows_of(Path(asked.what), AGENCIES)
    day = asked.since or clock.today()
    found = units.communes(asked.what, day)
    if not found:
        known = ", ".join(f"{each.province} {each.name}" for each in units.provinces(day))
        raise CouldNot("province_unknown", province=asked.what, known=known)
    if not asked.under:
        raise CouldNot("province_under_what")
    since = (asked.since or units.begins(day)).isoformat()
    return [_commune(n, each, asked.under, since) for n, each in enumerate(found, 1)]


def _commune(line: int, unit: units.Unit, under: str, since: str) -> AgencyRow:
    return AgencyRow(
        line=line,
        code=f"{under}.{unit.code}",
        name=f"Ủy ban nhân dân {unit.unit} {unit.name}",
        short_name=f"UBND {unit.unit} {unit.name}",
        kind="commune",
        parent_code=under,
        valid_from=since,
    )


# -- judging -----------------------------------------------------------------------------------


def judge(rows: Sequence[AgencyRow], known: Mapping[str, Any], since: date | None) -> Judged:
    """Every line by itself and against the others; what stands there already is left alone."""
    coming = {row.code: row for row in rows}
    days = {row.line: _day(row, since) for row in rows}
    remarks = [each for row in rows for each in _remarks(row, known, coming, days[row.line])]
    bad = {each.line for each in remarks}
    new = [row for row in rows if row.line not in bad and row.code not in known]
    ordered = list(_parents_first(new))
    if len(ordered) < len(new):
        ring = sorted({row.code for row in new} - {row.code for row in ordered})
        remarks += [
            Remark(line=coming[code].line, code="agency_row_ring", facts={"code": code}) for code in ring
        ]
    unchanged = sum(row.code in known and row.line not in bad for row in rows)
    dated = [(days[row.line] or date.min, row) for row in ordered]
    return Judged(stretches=_stretches(dated), unchanged=unchanged, bad=remarks)


def _remarks(
    row: AgencyRow,
    known: Mapping[str, Any],
    coming: Mapping[str, AgencyRow],
    day: date | None,
) -> Iterator[Remark]:
    def remark(code: str, **facts: Any) -> Remark:
        return Remark(line=row.line, code=code, facts={"code": row.code, **facts})

    if not 3 <= len(row.code) <= 35 or not CODE.fullmatch(row.code):
        yield remark("agency_row_code")
    elif coming[row.code] is not row:
        yield remark("agency_row_twice", other=coming[row.code].line)
    elif row.code in known and known[row.code]["name"] != row.name:
        yield remark("agency_row_differs", name=known[row.code]["name"])
    if not row.name:
        yield remark("agency_row_nameless")
    if row.parent_code not in known and row.parent_code not in coming:
        yield remark("agency_row_parent", parent=row.parent_code or "–")
    if day is None:
        yield remark("agency_row_day", day=row.valid_from or "–")


def _day(row: AgencyRow, since: date | None) -> date | None:
    """As people here write a day, or as ISO does; what the line does not say is said for all."""
    written = row.valid_from
    if not written:
        return since
    if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", written):
        written = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _parents_first(rows: Sequence[AgencyRow]) -> Iterator[AgencyRow]:
    """Each after the one above it; those of a ring are left out."""
    waiting = {row.code: row for row in rows}
    while ready := [row for row in waiting.values() if row.parent_code not in waiting]:
        for row in ready:
            del waiting[row.code]
            yield row


def _stretches(rows: Iterable[tuple[date, AgencyRow]]) -> list[tuple[date, list[AgencyRow]]]:
    """As many as one act takes, each of one day, nobody before the one above."""
    found: list[tuple[date, list[AgencyRow]]] = []
    for day, row in rows:
        if not found or found[-1][0] != day or len(found[-1][1]) == AT_ONCE:
            found.append((day, []))
        found[-1][1].append(row)
    return found


# -- entering ----------------------------------------------------------------------------------


def _act(day: date, rows: Sequence[AgencyRow], known: Mapping[str, Any], basis: LegalBasisInput) -> Act:
    return {"effective_on": day, "basis": basis, "creations": [_creation(row, known) for row in rows]}


def _once(day: date, rows: Sequence[AgencyRow]) -> UUID:
    """The same request for the same lines: entered twice they act once."""
    named = "|".join(f"{row.code}:{row.name}" for row in rows)
    return uuid5(NAMESPACE_URL, f"eiso:agencies:{day}:{named}")


def _creation(row: AgencyRow, known: Mapping[str, Any]) -> NewAgencyInput:
    above = known.get(row.parent_code)
    return {
        "seal_name": row.seal_name or None,
        "address": row.address or None,
        "phone": row.phone or None,
        "email": row.email or None,
        "id": _id(row.code),
        "code": row.code,
        "name": row.name,
        "short_name": (row.short_name or row.name)[:80],
        "kind": row.kind,
        "parent_id": above["id"] if above else _id(row.parent_code),
    }


def _id(code: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"eiso:agency:{code}")


async def _refused(
    gateway: Gateway, judged: Judged, known: Mapping[str, Any], basis: LegalBasisInput
) -> list[Remark]:
    """What the directory would refuse: asked of those whose agencies above are there or in the same act."""
    remarks = []
    for day, rows in judged.stretches:
        codes = {row.code for row in rows}
        if any(row.parent_code not in known and row.parent_code not in codes for row in rows):
            continue
        try:
            await gateway.reorganisation_preview(input=_act(day, rows, known, basis))
        except Failed as failure:
            remarks += [_as_remark(error, rows) for error in failure.errors]
    return remarks


def _as_remark(error: Mapping[str, Any], rows: Sequence[AgencyRow]) -> Remark:
    extensions = error.get("extensions") or {}
    at = re.match(r"creations\.(\d+)", str(extensions.get("field") or ""))
    row = rows[int(at[1])] if at else rows[0]
    said_in = extensions.get("message") or error["message"]
    facts = {"code": row.code, "what": said_in, "advice": extensions.get("remedy") or "–"}
    return Remark(line=row.line, code="agency_row_refused", facts=facts)


def _basis(asked: argparse.Namespace) -> LegalBasisInput:
    given = [getattr(asked, f"basis_{part}") for part in ("number", "issued_on", "issued_by", "subject")]
    if asked.act == "province" and not any(given):
        given = list(LIST_BASIS)
    if not all(given):
        raise CouldNot("agencies_without_basis")
    number, issued_on, issued_by, subject = given
    return {"number": number, "issued_on": issued_on, "issued_by": issued_by, "subject": subject}


def _print(remark: Remark) -> None:
    line = said("agencies_line", line=remark.line)
    print(f"{line} {text(remark.code, **remark.facts)[language()]}")
    if advice := remedy(remark.code, **remark.facts):
        print(f"    → {advice[language()]}")
