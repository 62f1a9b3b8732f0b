"""`eiso reconcile`: is everything what the facts say it is? What differs is named, with why that may be."""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from contracts.messages import remedy
from deploy.platform.names import SERVICES
from deploy.platform.platform import Platform
from deploy.speech import both, complain, language, said, say
from kernel.data.differences import Difference
from ops import deliveries, queues, upkeep
from ops.chosen_platform import platform_of
from ops.deliveries import Deliveries

SHOWN = 5


@dataclass(kw_only=True)
class Kept:
    """What one service said of what it keeps: projections and sums against the event logs."""

    service: str
    events: int = 0
    tables: list[str] = field(default_factory=list)
    derived: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which service is compared, and how long what is on its way may take."""
    parser.add_argument("--service", choices=SERVICES, help=both("ops_help_reconcile_service"))
    parser.add_argument("--patience", type=float, default=10.0, help=both("ops_help_reconcile_patience"))


def run(asked: argparse.Namespace) -> int:
    """0: no differences, 1: differences, 2: something could not be asked."""
    platform = platform_of(asked)
    try:
        delivered = deliveries.check(platform, asked.patience)
        kept = _ask(platform, [asked.service] if asked.service else SERVICES, asked.patience)
    except queues.UNREACHABLE:
        complain("ops_broker_away")
        return 2
    except SQLAlchemyError as away:
        complain("ops_database_away", what=str(getattr(away, "orig", away)).splitlines()[0])
        return 2
    except upkeep.UpkeepFailed as failure:
        return upkeep.complain_of(failure)
    differences = [*_about(delivered, asked.service), *(d for each in kept for d in each.differences)]
    if asked.json:
        _print_json(delivered, kept, differences)
    else:
        _print(delivered, kept, differences)
    return 1 if differences else 0


def _about(delivered: Deliveries, service: str | None) -> list[Difference]:
    """What one service lacks: in its own log, and in its reactions."""
    return [
        each
        for each in delivered.differences
        if service in (None, each.where, each.where.removeprefix("sub-").partition(".")[0])
    ]


def _ask(platform: Platform, services: Iterable[str], patience: float) -> list[Kept]:
    """Two at a time: each is a process that reads whole logs."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda service: _kept(platform, service, patience), services))


def _kept(platform: Platform, service: str, patience: float) -> Kept:
    kept = Kept(service=service)
    for answer in upkeep.run_act(platform, service, "reconcile", {"patience": patience}):
        if "difference" in answer:
            found = Difference(**answer["difference"])
            kept.differences.append(Difference(**(asdict(found) | {"where": f"{service}.{found.where}"})))
        else:
            kept.events, kept.tables, kept.derived = answer["events"], answer["tables"], answer["derived"]
    return kept


def _print_json(delivered: Deliveries, kept: list[Kept], differences: list[Difference]) -> None:
    document = {
        "events": {name: asdict(count) for name, count in delivered.counts.items()},
        "kept": {
            each.service: {"events": each.events, "tables": each.tables, "derived": each.derived}
            for each in kept
        },
        "differences": [asdict(each) for each in differences],
    }
    print(json.dumps(document, ensure_ascii=False, indent=1, default=str))


def _print(delivered: Deliveries, kept: list[Kept], differences: list[Difference]) -> None:
    say("ops_reconcile_head")
    for name, count in delivered.counts.items():
        places = (count.delivered, count.waiting, count.parked, count.dropped, count.missing)
        columns = "".join(f"{number:>10}" for number in (count.committed, count.unpublished, *places))
        print(f"{'✗' if count.missing else '✓'} {name:<10}{columns}")
    say("ops_reconcile_kept_head")
    for each in kept:
        things = ", ".join([*each.tables, *each.derived]) or "–"
        mark = "✗" if each.differences else "✓"
        facts = {"service": f"{each.service:<10}", "things": things, "events": each.events}
        say("ops_reconcile_kept", mark=mark, differences=len(each.differences), **facts)
    if not differences:
        say("ops_reconcile_none")
        return
    say("ops_reconcile_some", count=len(differences))
    groups: dict[str, dict[str, list[Difference]]] = defaultdict(lambda: defaultdict(list))
    for difference in differences:
        groups[difference.code][difference.where].append(difference)
    for code, where in groups.items():
        for found in where.values():
            _print_place(code, found)
        if advice := remedy(code):
            print(f"    → {advice[language()]}")


def _print_place(code: str, found: list[Difference]) -> None:
    """The first of what differs in one place, and how many more there are."""
    for each in found[:SHOWN]:
        print(f"  ✗ {said(code, where=each.where, key=each.key, **each.facts)}")
        if compared := _compared(each.expected, each.found):
            print(f"      {compared}")
    if len(found) > SHOWN:
        say("ops_reconcile_more", count=len(found) - SHOWN)


def _compared(expected: Any, found: Any) -> str:
    """What is there ≠ what should be; of a row that only one side has, what it says."""
    if expected is None or found is None:
        row = expected or found or {}
        return ", ".join(f"{name}: {value!r}" for name, value in row.items() if value is not None)[:300]
    pairs = (f"{name}: {found.get(name)!r} ≠ {value!r}" for name, value in expected.items())
    return "; ".join(pairs)[:300]
