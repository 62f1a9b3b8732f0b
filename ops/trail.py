"""`eiso trail verify`: recompute every chain of the trail and name each row that is not what was sealed."""

import argparse
import json
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import create_engine

from deploy.platform.names import SERVICES
from deploy.platform.platform import Platform
from deploy.speech import both, complain, said, say
from kernel.base.errors import Unavailable
from kernel.data.store import Keys, ObjectStore
from kernel.work.anchor import anchors_of
from kernel.work.trail_verification import Break, Verdict, size, verify
from ops.chosen_platform import platform_of
from ops.progress import Bar


def arguments(parser: argparse.ArgumentParser) -> None:
    """`verify`, of one service or all, of one subject or all."""
    parser.add_argument("act", choices=["verify"], help=both("ops_help_trail_verify"))
    parser.add_argument("--service", choices=SERVICES, help=both("ops_help_trail_service"))
    parser.add_argument("--subject", type=UUID, help=both("ops_help_trail_subject"))


def run(asked: argparse.Namespace) -> int:
    """0 if every chain is whole, 1 if one is not, 2 if somebody could not be asked."""
    platform = platform_of(asked)
    services = [asked.service] if asked.service else SERVICES
    try:
        verdicts = {name: verdict_of(platform, name, asked.subject) for name in services}
    except Unavailable as away:
        complain(away.code)
        return 2
    if asked.json:
        print(json.dumps({n: asdict(v) for n, v in verdicts.items()}, default=str, indent=1))
    else:
        for name, verdict in verdicts.items():
            _print(name, verdict)
    return 1 if any(verdict.breaks for verdict in verdicts.values()) else 0


def verdict_of(platform: Platform, service: str, subject: UUID | str | None = None) -> Verdict:
    """The check of one service's trail, as the read-only operator."""
    engine = create_engine(platform.ops_url(service))
    try:
        with engine.connect() as connection:
            anchors = anchors_of(store_of(platform), service)
            with Bar(size(connection), said("ops_rows")) as bar:
                return verify(connection, UUID(str(subject)) if subject else None, anchors, bar.more)
    finally:
        engine.dispose()


def store_of(platform: Platform) -> ObjectStore:
    """The object store, as the operators read it."""
    return ObjectStore(
        inside=platform.s3_endpoint,
        outside=platform.s3_endpoint,
        keys=Keys(*platform.store_keys("ops")),
        bucket=platform.s3_bucket,
        intake=platform.s3_intake_bucket,
        lock_mode="GOVERNANCE",
    )


def _print(service: str, verdict: Verdict) -> None:
    code = "ops_trail_broken" if verdict.breaks else "ops_trail_whole"
    say(code, service=service, sealed=verdict.sealed, unsealed=verdict.unsealed, breaks=len(verdict.breaks))
    for each in verdict.breaks:
        print(f"  ✗ {_where(each)}")


def _where(found: Break) -> str:
    facts = {"agency": found.agency_id, "month": f"{found.month:%m/%Y}"}
    return said(found.code, **facts, position=found.position, row=found.trail_id)
