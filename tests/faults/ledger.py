"""What must be so when all is quiet again, asked of the databases and the broker themselves."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from functools import cache
from hashlib import sha256
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from contracts.base import source_of
from deploy.local.instance import ROOT
from deploy.local.platform import SERVICES, Platform
from deploy.platform import bucket
from services.cases.statistics import queries as figures
from tests.faults.traffic import Accepted, Traffic

SETTLES_WITHIN = 60


async def nothing_under_way(platform: Platform) -> None:
    """Until every event is published and read and every trail row sealed; nothing may be parked."""
    limit = time.monotonic() + SETTLES_WITHIN
    while left := await asyncio.to_thread(left_over, platform):
        assert time.monotonic() < limit, f"still waiting after {SETTLES_WITHIN} s: {left}"
        await asyncio.sleep(0.3)
    status = _python("-m", "ops", "status", "--instance", platform.instance.name, "--json")
    queues = json.loads(status)["queues"]
    assert queues, "the broker told of no queue"
    waiting = [each for each in queues if each["messages"]]
    assert waiting == [], "nothing is parked, nothing waits"


def left_over(platform: Platform) -> dict[str, int]:
    """What each service has still to publish, to seal or to hear, and how much of it."""
    left = {
        f"{service}: {what}": count
        for service in SERVICES
        for what, count in (
            (
                "unpublished",
                _one(platform, service, "select count(*) from outbox where published_at is null"),
            ),
            ("unsealed", _one(platform, service, "select count(*) from trail_pending")),
            ("unheard", len(unheard(platform, service))),
        )
    }
    return {what: count for what, count in left.items() if count}


def unheard(platform: Platform, service: str) -> list[tuple[str, Any]]:
    """Events that a reaction of the service should have had by now, and has not: reaction and message."""
    missing = []
    for topic, names in reactions(service).items():
        with psycopg.connect(platform.admin_url_of(source_of(topic))) as source:
            answer = {
                row[0] for row in source.execute("select message_id from outbox where topic = %s", [topic])
            }
        with psycopg.connect(platform.admin_url_of(service)) as consumer:
            for name in names:
                asked = "select message_id from inbox where consumer = %s"
                heard = {row[0] for row in consumer.execute(asked, [name])}
                missing += [(name, message) for message in answer - heard]
    return missing


@cache
def reactions(service: str) -> dict[str, list[str]]:
    """Topic and names, found in a process of its own: what a service imports harms threads of others."""
    code = f"""
import json, services.{service}.service as module
found = module.{service.title()}Service.heard()
print(json.dumps({{topic: [each.name for each in reactions] for topic, reactions in found.items()}}))"""
    found: dict[str, list[str]] = json.loads(_python("-c", code))
    return found


def _python(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout


def once_each(platform: Platform, accepted: list[Accepted]) -> None:
    """Every command that was answered had its effect, and had it once."""
    for service in {each.service for each in accepted}:
        mine = [each for each in accepted if each.service == service]
        ids = [each.request_id for each in mine]
        asked = "select request_id, count(*) from trail where request_id = any(%s) group by 1"
        with psycopg.connect(platform.admin_url_of(service)) as database:
            rows = dict(database.execute(asked, [ids]).fetchall())
        doubled = [each for each in mine if rows.get(each.request_id) != 1]
        assert doubled == [], "each command leaves exactly one row of the trail"
    commands = Counter(each.subject for each in accepted)
    last = {each.subject: each.version for each in accepted}
    assert last == dict(commands), "every command moved its subject by one version, and nothing else did"


def projections_are_whole(platform: Platform) -> None:
    """Copies equal their sources, and figures those rebuilt from the log."""
    wanted = "select id, version, agency_id from dossiers"
    with psycopg.connect(platform.admin_url_of("cases")) as cases:
        source = {
            row[0]: row[1:] for row in cases.execute(wanted.replace("agency_id", "competent_agency_id"))
        }
    with psycopg.connect(platform.admin_url_of("audits")) as audits:
        copy = {row[0]: row[1:] for row in audits.execute(wanted)}
    assert copy == source
    url = platform.admin_url_of("cases").replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url)
    try:
        with Session(engine) as session:
            assert figures.kept(session) == +figures.rebuilt(session)
    finally:
        engine.dispose()


def notified_once(platform: Platform) -> None:
    """No one has two notices of one cause, and no notice two letters."""
    twice = "select count(*) from (select 1 from notices group by person_id, cause_id having count(*) > 1) t"
    assert _one(platform, "notify", twice) == 0
    letters = "select count(*) from (select 1 from deliveries where notice_id is not null"
    assert _one(platform, "notify", f"{letters} group by notice_id, channel having count(*) > 1) t") == 0


def _one(platform: Platform, service: str, asked: str) -> int:
    with psycopg.connect(platform.admin_url_of(service)) as database:
        row = database.execute(asked).fetchone()
    return int(row[0]) if row else 0


def files_are_there(platform: Platform, traffic: Traffic) -> None:
    """Every file said to be available is so once, and the store has its very bytes."""
    store = bucket.client(platform)
    wanted = {each.upload_id: each.sha256 for each in traffic.uploaded}
    with psycopg.connect(platform.admin_url_of("documents")) as documents:
        asked = "select id, key, version_id from uploads where id = any(%s) and state = 'available'"
        found = documents.execute(asked, [list(wanted)]).fetchall()
        answer = """select count(*) from trail where subject_type = 'Upload' and after->>'state' = 'available'
                  and subject_id = any(%s)"""
        rows = documents.execute(answer, [list(wanted)]).fetchone()
    assert {row[0] for row in found} == set(wanted)
    assert rows == (len(wanted),), "each became available once"
    for upload_id, key, version in found:
        with store.get_object(bucket_name=platform.s3_bucket, object_name=key, version_id=version) as kept:
            assert sha256(kept.data).hexdigest() == wanted[upload_id]


def reconciled(platform: Platform) -> None:
    """`eiso reconcile` finds no difference: events have their places, projections built again agree."""
    said = _python("-m", "ops", "reconcile", "--instance", platform.instance.name, "--json")
    assert json.loads(said)["differences"] == []


def trail_is_whole(platform: Platform) -> None:
    """`eiso trail verify` finds every chain whole, and as it was anchored."""
    command = [sys.executable, "-m", "ops", "trail", "verify", "--instance", platform.instance.name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


async def all_is_well(platform: Platform, traffic: Traffic) -> None:
    """Everything together, once the platform is quiet."""
    await nothing_under_way(platform)
    await asyncio.to_thread(once_each, platform, traffic.accepted)
    await asyncio.to_thread(files_are_there, platform, traffic)
    await asyncio.to_thread(projections_are_whole, platform)
    await asyncio.to_thread(notified_once, platform)
    if os.environ.get("EISO_PROOF"):  # else once, at the end: it builds every projection again
        await asyncio.to_thread(reconciled, platform)
        await asyncio.to_thread(trail_is_whole, platform)
