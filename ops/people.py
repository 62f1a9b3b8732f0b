"""`eiso people import FILE`: a list of people judged row by row, and entered as a whole if nothing is wrong.

The file is read here and goes to the gateway in stretches of rows, as whoever signs in: what the importer may
not do, the import may not.
"""

import argparse
import asyncio
import csv
import getpass
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from contracts.imports import PersonRow
from contracts.messages import text
from deploy.demo.client import Gateway, Refused
from ops.asked import platform_of
from ops.progress import Bar
from ops.sheets import BadSheet, Shape, rows_of
from ops.speech import both, complain, language, said, say

NAME = "people"
PEOPLE = Shape(row=PersonRow, heading="import_column", needed=("staff_number", "full_name"))
AT_ONCE = 200
PATIENCE = 3600.0
EVERY = 0.5
SHOWN = 50
FRESH = 480.0
"""Seconds after which one signs in anew: a session grant lasts ten minutes."""

STATE = "PeopleImport { id state rows done creating amending unchanged bad failure failureEn failedLine"
STATE += " isStopped version }"
ASK = "query($id: UUID!) { peopleImport(importId: $id) { " + STATE.partition("{ ")[2] + "}"
ROWS = """query($id: UUID!, $verdict: RowVerdict, $after: String) {
  importedRows(importId: $id, verdict: $verdict, first: 100, after: $after) {
    edges { node { line staffNumber fullName verdict
                   problems { column message messageEn remedy remedyEn }
                   notes { column message messageEn } } }
    pageInfo { hasNextPage endCursor } } }"""


class CouldNot(Exception):
    """The work did not come to its end; `code` is the catalogue's."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)


def arguments(parser: argparse.ArgumentParser) -> None:
    """import FILE, perhaps only to see what it would do."""
    parser.add_argument("act", choices=["import"], help=both("ops_help_people_act"))
    parser.add_argument("file", type=Path, help=both("ops_help_people_file"))
    parser.add_argument("--dry-run", action="store_true", help=both("ops_help_people_dry"))
    parser.add_argument("--username", required=True, help=both("ops_help_people_username"))
    parser.add_argument("--report", type=Path, help=both("ops_help_people_report"))
    parser.add_argument("--gateway", help=both("ops_help_people_gateway"))


def run(asked: argparse.Namespace) -> int:
    """0: entered, or nothing wrong with it; 1: rows are bad; 2: could not be done."""
    try:
        rows = rows_of(asked.file, PEOPLE)
        if not rows:
            raise BadSheet("people_sheet_empty", file=asked.file.name)
        return asyncio.run(_import(asked, rows))
    except (BadSheet, CouldNot) as failure:
        complain(failure.code, **failure.facts)
    except OSError as failure:
        complain("people_sheet_unreadable", file=asked.file.name, what=failure.strerror or str(failure))
    except httpx.HTTPError as failure:
        complain("people_gateway_away", what=type(failure).__name__)
    except Refused as refused:
        print(refused.problem["message"], file=sys.stderr)
        print(f"  → {refused.problem.get('remedy') or ''}", file=sys.stderr)
    return 2


async def _import(asked: argparse.Namespace, rows: Sequence[PersonRow]) -> int:
    url = asked.gateway or gateway_of(asked.instance)
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        door = Door(http, asked.username, os.environ.get("EISO_PASSWORD") or getpass.getpass())
        found = await _send(door, asked.file.name, rows)
        await door.do("checkPeopleImport", importId=found["id"])
        found = await _watch(door, found["id"], "CHECKING")
        await _tell(door, asked, found)
        if found["bad"]:
            return 1
        if asked.dry_run or not found["creating"] + found["amending"]:
            return 0
        await door.do("applyPeopleImport", importId=found["id"], expectedVersion=found["version"])
        found = await _watch(door, found["id"], "APPLYING")
    if found["state"] != "APPLIED":
        what = found["failure"] if language() == "vi" else found["failureEn"]
        raise CouldNot("people_import_failed", line=found["failedLine"] or "?", what=what or "?")
    say("people_import_applied", creating=found["creating"], amending=found["amending"])
    return 0


def gateway_of(instance: str) -> str:
    """Where the platform asked about is spoken to."""
    platform = platform_of(instance)
    if platform is None:
        raise CouldNot("people_no_platform")
    return platform.gateway_url


class Door:
    """The gateway as one person; signed in anew before the grant runs out."""

    def __init__(self, http: httpx.AsyncClient, username: str, password: str) -> None:
        self.nobody, self.username, self._password = Gateway(http, tries=3), username, password
        self.person: Gateway | None = None
        self.since = 0.0

    async def gateway(self) -> Gateway:
        if self.person is None or time.monotonic() - self.since > FRESH:
            self.person = await self.nobody.sign_in(self.username, self._password)
            self.person._tries = 3
            self.since = time.monotonic()
        return self.person

    async def do(self, command: str, **given: Any) -> dict[str, Any]:
        return await (await self.gateway()).do(command, STATE, **given)


async def _send(door: Door, name: str, rows: Sequence[PersonRow]) -> dict[str, Any]:
    begun = await door.do("beginPeopleImport", fileName=name, rows=len(rows))
    with Bar(len(rows), said("ops_rows")) as bar:
        for start in range(0, len(rows), AT_ONCE):
            stretch = rows[start : start + AT_ONCE]
            await door.do("addImportedRows", importId=begun["id"], rows=stretch)
            bar.more(len(stretch))
    return begun


async def _watch(door: Door, import_id: str, working: str) -> dict[str, Any]:
    """Until the work is over; it goes on in the platform also where nobody watches."""
    limit, shown = time.monotonic() + PATIENCE, 0
    found: dict[str, Any] = {}
    with Bar(1) as bar:
        while time.monotonic() < limit:
            found = (await (await door.gateway()).ask(ASK, id=import_id))["peopleImport"]
            bar.total = found["rows"]
            bar.more(found["done"] - shown)
            shown = found["done"]
            if found["state"] != working:
                return found
            if found["isStopped"]:
                raise CouldNot("people_import_stopped")
            await asyncio.sleep(EVERY)
    raise CouldNot("people_import_slow")


async def _tell(door: Door, asked: argparse.Namespace, found: dict[str, Any]) -> None:
    """What every row comes to: the bad ones here, all of them in the report."""
    facts = {name: found[name] for name in ("rows", "creating", "amending", "unchanged", "bad")}
    say("people_import_checked", **facts)
    gateway = await door.gateway()
    if asked.report:
        _write(asked.report, await gateway.every("importedRows", ROWS, id=found["id"]))
        say("people_import_report", file=asked.report)
    if found["bad"]:
        first = await gateway.ask(ROWS, id=found["id"], verdict="BAD", after=None)
        for edge in first["importedRows"]["edges"][:SHOWN]:
            _print(edge["node"])
        if found["bad"] > SHOWN:
            say("people_import_more", more=found["bad"] - SHOWN)


def _print(row: dict[str, Any]) -> None:
    say("people_import_line", line=row["line"], number=row["staffNumber"], name=row["fullName"])
    for remark in row["problems"]:
        print(f"    ✗ {_column(remark)}: {_said(remark, 'message')} {_said(remark, 'remedy')}".rstrip())


def _said(remark: dict[str, Any], what: str) -> str:
    return str(remark.get(what if language() == "vi" else f"{what}En") or "")


def _column(remark: dict[str, Any]) -> str:
    return str(text(f"import_column_{remark['column']}")[language()])


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        written = csv.writer(file)
        headings = ("line", "staff_number", "full_name", "verdict", "remarks", "remedies")
        written.writerow([said(f"people_report_{name}") for name in headings])
        for row in rows:
            remarks = [*row["problems"], *row["notes"]]
            told = "; ".join(f"{_column(each)}: {_said(each, 'message')}" for each in remarks)
            remedies = "; ".join(_said(each, "remedy") for each in row["problems"])
            verdict = said(f"people_verdict_{row['verdict'].lower()}")
            written.writerow([row["line"], row["staffNumber"], row["fullName"], verdict, told, remedies])
