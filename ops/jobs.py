"""`eiso jobs`: the long work of all services, how far it is, what stands still; and ending it."""

import argparse
import json
from datetime import timedelta
from typing import Any

from sqlalchemy import create_engine, select
from sqlalchemy.exc import SQLAlchemyError

from deploy.platform.names import SERVICES
from deploy.platform.platform import Platform
from deploy.speech import both, complain, say
from kernel.base import clock
from kernel.data.tables import jobs
from ops import parked, upkeep
from ops.chosen_platform import platform_of
from ops.moments import age, local

# As long as the runners wait before they take over from one that is silent.
STALE = timedelta(seconds=30)
OPEN = ("queued", "running")


def arguments(parser: argparse.ArgumentParser) -> None:
    """list, or cancel one."""
    acts = ["list", "cancel"]
    parser.add_argument("act", choices=acts, nargs="?", default="list", help=both("ops_help_jobs_act"))
    parser.add_argument("id", nargs="?", help=both("ops_help_jobs_id"))
    parser.add_argument("--all", action="store_true", help=both("ops_help_jobs_all"))
    parser.add_argument("--reason", help=both("ops_help_reason"))
    parked.add_who(parser)


def run(asked: argparse.Namespace) -> int:
    """0: nothing stands still or failed, or it was cancelled; 1: something does; 2: could not be asked."""
    platform = platform_of(asked)
    try:
        found = [row for service in SERVICES for row in _jobs_of(platform, service, ended=asked.all)]
        return _cancel(platform, asked, found) if asked.act == "cancel" else _list(asked, found)
    except SQLAlchemyError as away:
        complain("ops_database_away", what=str(getattr(away, "orig", away)).splitlines()[0])
    except upkeep.UpkeepFailed as failure:
        return upkeep.complain_of(failure)
    return 2


def _jobs_of(platform: Platform, service: str, *, ended: bool) -> list[dict[str, Any]]:
    """A service's jobs that wait, run or failed, the oldest first."""
    wanted = select(jobs).order_by(jobs.c.created_at)
    if not ended:
        wanted = wanted.where(jobs.c.state.in_((*OPEN, "failed")))
    engine = create_engine(platform.ops_url(service))
    try:
        with engine.connect() as connection:
            rows = connection.execute(wanted).mappings().all()
    finally:
        engine.dispose()
    return [{**row, "service": service, "is_stalled": _is_stalled(row)} for row in rows]


def _is_stalled(job: Any) -> bool:
    """Running without a step, or waiting without anybody who takes it."""
    since = job["heartbeat_at"] if job["state"] == "running" else job["created_at"]
    return job["state"] in OPEN and (since is None or clock.now() - since > STALE)


def _list(asked: argparse.Namespace, found: list[dict[str, Any]]) -> int:
    if asked.json:
        print(json.dumps(found, ensure_ascii=False, indent=1, default=str))
    elif not found:
        say("ops_jobs_none")
    else:
        for job in found:
            _print(job)
    return 1 if any(job["is_stalled"] or job["state"] == "failed" for job in found) else 0


def _print(job: dict[str, Any]) -> None:
    is_bad = job["is_stalled"] or job["state"] == "failed"
    progress = f"{job['done']} / {job['total'] or '?'}"
    if job["total"]:
        progress += f" ({job['done'] / job['total']:.0%})"
    facts = {name: job[name] for name in ("service", "kind", "state", "attempts")}
    facts |= {"id": str(job["id"]), "progress": progress, "heartbeat": local(job["heartbeat_at"])}
    say("ops_jobs_line", mark="✗" if is_bad else " ", **facts)
    if job["is_stalled"]:
        since = age(job["heartbeat_at"] or job["created_at"])
        say("ops_jobs_stalled", since=since, service=job["service"])
    if job["error"]:
        say("ops_jobs_error", error=job["error"])


def _cancel(platform: Platform, asked: argparse.Namespace, found: list[dict[str, Any]]) -> int:
    mine = (job for job in found if asked.id and str(job["id"]).startswith(asked.id))
    meant = [job for job in mine if job["state"] in OPEN]
    if len(meant) != 1:
        complain("ops_jobs_which", id=asked.id or "")
        return 2
    [job] = meant
    if not asked.json:
        _print(job)
    if asked.dry_run or not upkeep.agreed(asked):
        say("ops_parked_dry")
        return 0 if asked.dry_run else 1
    order = {"job_id": str(job["id"]), "who": asked.who, "reason": asked.reason}
    for _ in upkeep.run_act(platform, job["service"], "cancel_job", order):
        facts = {"id": str(job["id"]), "kind": job["kind"], "service": job["service"]}
        say("ops_jobs_cancelled", who=asked.who, **facts)
    return 0
