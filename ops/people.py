"""`eiso people import FILE`: a list of people judged row by row, and entered as a whole if nothing is wrong.

The file is read here and goes to the gateway in stretches of rows, as the person who signs in: what they may
not do, the import may not.
"""

import argparse
import asyncio
import csv
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from client.gateway import Gateway, there
from client.generated.imports import ImportedLine, ImportNow
from contracts.directory.imports import PersonRow
from contracts.messages import text
from deploy.speech import both, language, said, say
from ops import signed_in
from ops.progress import Bar
from ops.sheets import BadSheet, Shape, rows_of
from ops.signed_in import CouldNot, SignedIn, come_out, opened

PEOPLE = Shape(row=PersonRow, heading="import_column", needed=("staff_number", "full_name"))
AT_ONCE = 200
PATIENCE = 3600.0
EVERY = 0.5
SHOWN = 50
Remark = Mapping[str, Any]
Step = Callable[..., Awaitable[ImportNow]]


def arguments(parser: argparse.ArgumentParser) -> None:
    """import FILE, perhaps only to see what it would do."""
    parser.add_argument("act", choices=["import"], help=both("ops_help_people_act"))
    parser.add_argument("file", type=Path, help=both("ops_help_people_file"))
    parser.add_argument("--report", type=Path, help=both("ops_help_people_report"))
    signed_in.arguments(parser)


def run(asked: argparse.Namespace) -> int:
    """0: entered, or nothing wrong with it; 1: rows are bad; 2: could not be done."""
    return come_out(_import(asked))


async def _import(asked: argparse.Namespace) -> int:
    rows = rows_of(asked.file, PEOPLE)
    if not rows:
        raise BadSheet("people_sheet_empty", file=asked.file.name)
    async with opened(asked, seconds=30) as person:
        found = await _send(person, asked.file.name, rows)
        await _do(person, Gateway.check_people_import, import_id=found["id"])
        found = await _watch(person, found["id"], "CHECKING")
        await _report_end(person, asked, found)
        if found["bad"]:
            return 1
        if asked.dry_run or not found["creating"] + found["amending"]:
            return 0
        about = {"import_id": found["id"], "expected_version": found["version"]}
        await _do(person, Gateway.apply_people_import, **about)
        found = await _watch(person, found["id"], "APPLYING")
    if found["state"] != "APPLIED":
        what = found["failure"] if language() == "vi" else found["failureEn"]
        raise CouldNot("people_import_failed", line=found["failedLine"] or "?", what=what or "?")
    say("people_import_applied", creating=found["creating"], amending=found["amending"])
    return 0


async def _do(person: SignedIn, command: Step, **given: Any) -> ImportNow:
    return await command(await person.gateway(), **given)


async def _send(person: SignedIn, name: str, rows: Sequence[PersonRow]) -> ImportNow:
    begun = await _do(person, Gateway.begin_people_import, file_name=name, rows=len(rows))
    with Bar(len(rows), said("ops_rows")) as bar:
        for start in range(0, len(rows), AT_ONCE):
            stretch = rows[start : start + AT_ONCE]
            await _do(person, Gateway.add_imported_rows, import_id=begun["id"], rows=stretch)
            bar.more(len(stretch))
    return begun


async def _watch(person: SignedIn, import_id: str, working: str) -> ImportNow:
    """Until the work is over; it goes on in the platform also where nobody watches."""
    limit, shown = time.monotonic() + PATIENCE, 0
    with Bar(1) as bar:
        while time.monotonic() < limit:
            found = await (await person.gateway()).people_import(import_id=import_id)
            bar.total = found["rows"]
            bar.more(found["done"] - shown)
            shown = found["done"]
            if found["state"] != working:
                return found
            if found["isStopped"]:
                raise CouldNot("people_import_stopped")
            await asyncio.sleep(EVERY)
    raise CouldNot("people_import_slow")


async def _report_end(person: SignedIn, asked: argparse.Namespace, found: ImportNow) -> None:
    """What every row comes to: the bad ones here, all of them in the report."""
    known: dict[str, Any] = {**found}
    facts = {name: known[name] for name in ("rows", "creating", "amending", "unchanged", "bad")}
    say("people_import_checked", **facts)
    gateway = await person.gateway()
    if asked.report:
        _write(asked.report, await gateway.imported_rows(import_id=found["id"]))
        say("people_import_report", file=asked.report)
    if found["bad"]:
        for row in (await gateway.first_bad_rows(import_id=found["id"]))[:SHOWN]:
            _print(row)
        if found["bad"] > SHOWN:
            say("people_import_more", more=found["bad"] - SHOWN)


def _print(row: ImportedLine) -> None:
    say("people_import_line", line=row["line"], number=row["staffNumber"], name=row["fullName"])
    for remark in row["problems"]:
        print(f"    ✗ {_column(remark)}: {_said(remark, 'message')} {_said(remark, 'remedy')}".rstrip())


def _said(remark: Remark, what: str) -> str:
    return str(remark.get(what if language() == "vi" else f"{what}En") or "")


def _column(remark: Remark) -> str:
    return str(text(f"import_column_{remark['column']}")[language()])


def _write(path: Path, rows: Sequence[ImportedLine]) -> None:
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(_report(rows))
    except OSError as error:
        what = error.strerror or str(error)
        raise CouldNot("people_report_unwritable", file=path.name, what=what) from None


def _report(rows: Sequence[ImportedLine]) -> Iterator[list[str]]:
    headings = ("line", "staff_number", "full_name", "verdict", "remarks", "remedies")
    yield [said(f"people_report_{name}") for name in headings]
    for row in rows:
        remarks = [*row["problems"], *row["notes"]]
        words = "; ".join(f"{_column(each)}: {_said(each, 'message')}" for each in remarks)
        remedies = "; ".join(_said(each, "remedy") for each in row["problems"])
        verdict = said(f"people_verdict_{there(row['verdict']).lower()}")
        yield [str(row["line"]), row["staffNumber"], row["fullName"], verdict, words, remedies]
