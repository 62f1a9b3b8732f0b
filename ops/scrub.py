"""`eiso scrub`: every object in the store against the rows that rely on it, re-read byte by byte."""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from hashlib import sha256
from heapq import merge
from itertools import groupby
from typing import Any

from sqlalchemy import create_engine, func, select

from contracts.messages import remedy
from deploy.platform.platform import Platform
from deploy.speech import both, complain, language, said, say
from kernel.base import clock
from kernel.base.errors import NotFound, Unavailable
from kernel.data.store import ObjectStore, Placed
from kernel.data.tables import uploads
from ops import queues, upkeep
from ops.chosen_platform import platform_of
from ops.moments import local
from ops.progress import Bar
from ops.trail import store_of

# What no row speaks of and is right so: anchors are checked by `trail verify`, canaries were the doctor's.
APART = ("trail-anchors", "doctor/")
MEGABYTE = 2**20


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One object that is not what it should be; `code` is an entry of the catalogue."""

    code: str
    key: str
    version_id: str | None
    about: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Tally:
    """What was looked at."""

    objects: int = 0
    read_bytes: int = 0
    seconds: float = 0
    faults: list[Fault] = field(default_factory=list)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to read all bytes and how fast, and from when on an object is nobody's."""
    parser.add_argument("--grace", type=float, default=24.0, help=both("ops_help_scrub_grace"))
    parser.add_argument("--rate", type=float, help=both("ops_help_scrub_rate"))
    parser.add_argument("--no-read", action="store_true", help=both("ops_help_scrub_no_read"))


def run(asked: argparse.Namespace) -> int:
    """0: every object is there and whole, 1: some are not, 2: could not be looked at."""
    platform = platform_of(asked)
    try:
        tally = scrub(platform, asked)
    except Unavailable as away:
        complain(away.code)
        return 2
    except upkeep.UpkeepFailed as failure:
        return upkeep.complain_of(failure)
    if asked.json:
        print(json.dumps(asdict(tally), ensure_ascii=False, indent=1, default=str))
    else:
        _print(tally, is_read=not asked.no_read)
    return 1 if tally.faults else 0


def scrub(platform: Platform, asked: argparse.Namespace) -> Tally:
    """Walk both lists side by side: neither is ever held whole."""
    tally, store = Tally(), store_of(platform)
    services = queues.storing()
    lists = [upkeep.run_act(platform, service, "objects", {}) for service in services]
    rows = groupby(merge(*lists, key=lambda row: row["key"]), key=lambda row: row["key"])
    placed = groupby(store.listing(), key=lambda each: each.key)
    with Bar(bytes_kept(platform, services), "MB", MEGABYTE) as bar:
        for key, kept, versions in side_by_side(rows, placed):
            _check(store, key, kept, {each.version_id: each for each in versions}, tally, asked, bar)
        tally.seconds = bar.seconds
    return tally


def side_by_side(rows: Any, placed: Any) -> Iterator[tuple[str, list[dict[str, Any]], list[Placed]]]:
    """Key by key, what the rows say and what is there; both come in the order of the keys' bytes."""
    row, place = next(rows, None), next(placed, None)
    while row is not None or place is not None:
        key = min(each[0] for each in (row, place) if each is not None)
        kept = list(row[1]) if row is not None and row[0] == key else []
        there = list(place[1]) if place is not None and place[0] == key else []
        yield key, kept, there
        row = next(rows, None) if kept else row
        place = next(placed, None) if there else place


def _check(
    store: ObjectStore,
    key: str,
    kept: list[dict[str, Any]],
    there: dict[str, Placed],
    tally: Tally,
    asked: argparse.Namespace,
    bar: Bar,
) -> None:
    wanted = {row["version_id"]: row for row in kept if row["version_id"] is not None}
    tally.objects += len(wanted)
    for version_id, row in wanted.items():
        about = ", ".join(dict.fromkeys(r["about"] for r in kept if r["version_id"] == version_id))
        named = {"key": key, "version_id": version_id, "about": about}
        if version_id not in there:
            tally.faults.append(Fault(code="scrub_missing", **named))
        elif found := _flaw(store, key, row, there[version_id], tally, asked, bar):
            tally.faults.append(Fault(code=found[0], **named, facts=found[1]))
    if key.startswith(APART) or any(row["version_id"] is None for row in kept):
        return
    since = clock.now() - timedelta(hours=asked.grace)
    for version_id, each in there.items():
        if version_id not in wanted and each.placed_at < since:
            facts = {"size": each.size, "since": local(each.placed_at)}
            tally.faults.append(Fault(code="scrub_orphan", key=key, version_id=version_id, facts=facts))


def _flaw(
    store: ObjectStore,
    key: str,
    row: dict[str, Any],
    found: Placed,
    tally: Tally,
    asked: argparse.Namespace,
    bar: Bar,
) -> tuple[str, dict[str, Any]] | None:
    """Why a version is not what its row says, re-read unless asked otherwise."""
    if found.size != row["size"]:
        return "scrub_wrong_size", {"size": found.size, "expected": row["size"]}
    if asked.no_read:
        return None
    digest = sha256()
    try:
        for chunk in store.chunks(key, found.version_id):
            digest.update(chunk)
            tally.read_bytes += len(chunk)
            bar.more(len(chunk))
            if asked.rate:
                time.sleep(max(0.0, tally.read_bytes / (asked.rate * MEGABYTE) - bar.seconds))
    except NotFound:
        return "scrub_missing", {}
    if digest.hexdigest() == row["sha256"]:
        return None
    return "scrub_flipped", {"sha256": digest.hexdigest(), "expected": row["sha256"]}


def bytes_kept(platform: Platform, services: list[str]) -> int:
    """How much there is to read, for the bar."""
    total = 0
    for service in services:
        engine = create_engine(platform.ops_url(service))
        with engine.connect() as connection:
            sizes = select(func.coalesce(func.sum(uploads.c.size), 0)).where(uploads.c.state == "available")
            total += int(connection.scalar(sizes) or 0)
        engine.dispose()
    return total


def _print(tally: Tally, *, is_read: bool) -> None:
    megabytes = tally.read_bytes / MEGABYTE
    speed = megabytes / tally.seconds if tally.seconds else 0.0
    facts = {"megabytes": f"{megabytes:.1f}", "speed": f"{speed:.0f}", "seconds": f"{tally.seconds:.1f}"}
    say("ops_scrub_read" if is_read else "ops_scrub_listed", objects=tally.objects, **facts)
    if not tally.faults:
        say("ops_scrub_whole")
        return
    say("ops_scrub_faults", count=len(tally.faults))
    for code in dict.fromkeys(fault.code for fault in tally.faults):
        for fault in (each for each in tally.faults if each.code == code):
            named = {"key": fault.key, "version": fault.version_id, "about": fault.about}
            print(f"  ✗ {said(code, **named, **fault.facts)}")
        if advice := remedy(code):
            print(f"    → {advice[language()]}")
