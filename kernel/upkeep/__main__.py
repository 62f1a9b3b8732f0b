"""One act of upkeep, as a process of the service: `python -m kernel.upkeep cases reconcile < arguments.json`.

The operators' command starts these with the service's own environment. One line of JSON on the output
for each thing reported, the log on the error stream. 0: done, 2: could not be done, said as `{"refused": …}`.
"""

# First of all: it patches the standard library before anything else is imported.
from kernel.run.launcher import assert_green, service_class  # isort: skip

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kernel.base import clock, wire
from kernel.base.errors import Invalid, Refusal
from kernel.bus.parked_messages import Wanted
from kernel.bus.publisher import NotConfirmed
from kernel.data.database import OPENING, opening
from kernel.life import log as lines
from kernel.life.settings import from_environ
from kernel.run.process import means_of
from kernel.upkeep import parked, projections, replay
from kernel.upkeep.acting import acting
from kernel.work import jobs
from kernel.work.context import ProcessContext

Act = Callable[[ProcessContext, Any, Mapping[str, Any]], Iterator[Mapping[str, Any]]]


def _reconcile(means: ProcessContext, service: Any, given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    events, found = projections.compare(means, service, given.get("patience", 5.0))
    for each in found:
        yield {"difference": asdict(each)}
    for derived in service.derived:
        with means.database.sessions() as session:
            for each in derived.differences(session):
                yield {"difference": asdict(each)}
    tables = [table for each in service.projections for table in each.tables]
    yield {"events": events, "tables": tables, "derived": [each.name for each in service.derived]}


def _replay(means: ProcessContext, service: Any, given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield asdict(replay.replay(means, service, wire.load(replay.Order, dict(given))))


def _parked(means: ProcessContext, service: Any, given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    wanted = wire.load(Wanted, given["wanted"])
    order = parked.Order(**{**given, "wanted": wanted})
    for letter in parked.carry_out(means, order):
        yield {"done": asdict(letter)}


def _objects(means: ProcessContext, service: Any, given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    with means.database.sessions() as session:
        if snapshot := given.get("snapshot"):
            _look_as_of(session, snapshot)
        for each in service.objects(session):
            yield asdict(each)


def _look_as_of(session: Session, snapshot: str) -> None:
    """What a backup's dump sees, row for row: its snapshot, open in another connection."""
    if not re.fullmatch(r"[0-9A-F]+(-[0-9A-F]+)+", snapshot):
        raise Invalid("wrong_form", "snapshot", name="snapshot")
    session.connection(execution_options={OPENING: opening(repeatable=True)})
    session.execute(text(f"set transaction snapshot '{snapshot}'"))


def _restored(means: ProcessContext, service: Any, given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    projections.note(means, "restore", given["who"], given.get("reason"), given["facts"])
    yield {"noted": means.service}


def _cancel_job(means: ProcessContext, service: Any, given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    with acting(means, given["who"], "cancel_job") as call:
        jobs.cancel(call, UUID(given["job_id"]), given.get("reason"))
    yield {"cancelled": given["job_id"]}


ACTS: Mapping[str, Act] = {
    "reconcile": _reconcile,
    "replay": _replay,
    "parked": _parked,
    "objects": _objects,
    "cancel_job": _cancel_job,
    "restored": _restored,
}


def main(arguments: list[str]) -> int:
    """Do one act and report it line by line."""
    parser = argparse.ArgumentParser(prog="kernel.upkeep", description=__doc__)
    parser.add_argument("service")
    parser.add_argument("act", choices=ACTS)
    asked = parser.parse_args(arguments)
    assert_green()
    service = service_class(asked.service)
    settings = from_environ(service.settings)  # type: ignore[attr-defined]
    clock.configure(settings.eiso_mode, settings.business_clock_file)
    lines.configure(asked.service, "WARNING", settings.log_format, sys.stderr)
    means = means_of(service, settings, at_any_length=True)
    try:
        for said in ACTS[asked.act](means, service, json.load(sys.stdin)):
            _write(said)
    except Refusal as no:
        _write({"refused": no.as_data()})
        return 2
    except (SQLAlchemyError, OSError, NotConfirmed) as error:
        _write({"refused": {"code": "upkeep_failed", "detail": f"{type(error).__name__}: {error}"[:400]}})
        return 2
    return 0


def _write(what: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(wire.encode(what) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
