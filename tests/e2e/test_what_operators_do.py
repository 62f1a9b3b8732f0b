"""The operators' command on a living platform: what is wrong is named and put right, with no double act."""

import asyncio
import io
import json
import os
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pika
import psycopg
import pytest
import pytest_asyncio

from deploy.local import environment, supervision
from deploy.local.instance import ROOT
from deploy.platform import bucket
from tests.e2e.asking import a_draft, an_approved, to_issue
from tests.e2e.conftest import DEPARTMENT, INSTANCE, a_client, enter, eventually

QUEUE = "sub-audits.learn_procedure"


def eiso(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-m", "ops", *arguments, "--instance", INSTANCE]
    environ = os.environ | {"LANG": "C.UTF-8"}
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=environ
    )


def answer(*arguments: str, code: int = 0) -> Any:
    """What the command prints for machines."""
    done = eiso(*arguments, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def sql(platform, service: str, statement: str, *facts: Any) -> list[tuple[Any, ...]]:
    """By hand, past the service, as only the database's superuser can."""
    with psycopg.connect(platform.admin_url_of(service), autocommit=True) as database:
        done = database.execute(statement, facts)
        return done.fetchall() if done.description else []


def acts_in_the_trail(platform, service: str, action: str) -> list[tuple[Any, ...]]:
    return sql(
        platform,
        service,
        "select cause, reason from trail where action = %s order by recorded_at",
        f"{service}:{action}",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def issued(platform) -> dict[str, Any]:
    """A document that was issued, and everybody has heard of it."""
    async with a_client(platform) as http:
        keys = ("secretary", "division", "deputy", "head")
        *writers, head = [await enter(platform, http, DEPARTMENT, key) for key in keys]
        document = await an_approved(*writers)
        await head.do("issueRevision", "Document { id }", **to_issue(document))
        about = "select 1 from procedures where document_id = %s"
        await eventually(lambda: sql(platform, "audits", about, document["id"]), 40)
        told_of = "select 1 from notices where about_id = %s and kind = 'revision_issued'"
        await eventually(lambda: sql(platform, "notify", told_of, document["id"]), 40)
        return document


async def test_a_healthy_platform_has_no_differences(platform, issued):
    found = await asyncio.to_thread(answer, "reconcile")
    assert found["differences"] == []
    assert found["events"]["directory"]["delivered"] > found["events"]["directory"]["committed"] > 0
    assert {count["missing"] + count["unpublished"] for count in found["events"].values()} == {0}
    assert "figures" in found["kept"]["cases"]["derived"]
    assert found["kept"]["audits"]["events"] > 0


async def test_what_was_changed_by_hand_is_named_and_put_right(platform, issued):
    document = issued["id"]
    person = sql(platform, "cases", "select id from positions order by id limit 1")[0][0]
    sql(platform, "cases", "update positions set held_to = '2020-01-01' where id = %s", person)
    sql(platform, "audits", "delete from procedures where document_id = %s", document)
    sql(
        platform,
        "notify",
        """insert into position_roles (position_id, role, agency_id, with_subtree)
           select id, 'made_up', agency_id, false from positions limit 1""",
    )
    sql(
        platform,
        "cases",
        """insert into figures (agency_id, document_id, month, received, finished, on_time, late, stopped,
                                open, overdue_open) values (%s, %s, '2026-08-01', 7, 0, 0, 0, 0, 7, 0)""",
        uuid4(),
        uuid4(),
    )
    found = await asyncio.to_thread(answer, "reconcile", "--patience", "2", code=1)
    named = {(each["code"], each["where"]) for each in found["differences"]}
    assert named == {
        ("reconcile_row_differs", "cases.positions"),
        ("reconcile_row_missing", "audits.procedures"),
        ("reconcile_row_extra", "notify.position_roles"),
        ("reconcile_figure_differs", "cases.figures"),
    }
    [changed] = [each for each in found["differences"] if each["where"] == "cases.positions"]
    assert (changed["key"], changed["facts"]) == (f"id={person}", {"columns": "held_to"})
    assert (changed["found"], changed["expected"]) == ({"held_to": "2020-01-01"}, {"held_to": None})

    said = await asyncio.to_thread(eiso, "reconcile", "--service", "cases", "--patience", "1")
    assert f"cases.positions: dòng id={person} khác ở held_to" in said.stdout
    for service in ("cases", "audits", "notify"):
        did = await asyncio.to_thread(
            answer, "replay", service, "--yes", "--as", "trực ban", "--reason", "sửa tay"
        )
        assert (did["offered"], did["failed"]) == ({}, {})
        assert acts_in_the_trail(platform, service, "rebuild_projections")[-1] == (
            "operator:trực ban",
            "sửa tay",
        )
    assert (await asyncio.to_thread(answer, "reconcile"))["differences"] == []


async def test_an_event_its_inbox_forgot_is_named_and_no_notice_is_sent_again(platform, issued):
    forgotten = sql(
        platform,
        "notify",
        """delete from inbox where ctid in (
             select i.ctid from inbox i join notices n on n.cause_id = i.message_id
              where i.consumer = 'tell_issued' limit 1)
           returning message_id""",
    )[0][0]
    notices = sql(platform, "notify", "select count(*) from notices")
    found = await asyncio.to_thread(answer, "reconcile", "--service", "notify", "--patience", "1", code=1)
    [lost] = found["differences"]
    assert (lost["code"], lost["where"]) == ("reconcile_event_missing", "sub-notify.tell_issued")
    assert lost["key"] == f"message_id={forgotten}"
    assert lost["facts"]["topic"] == "documents.revision_issued.v1"

    did = await asyncio.to_thread(answer, "replay", "notify", "--yes")
    assert (did["withheld"], did["offered"]) == ({"tell_issued": 1}, {})
    assert sql(platform, "notify", "select count(*) from notices") == notices
    sql(platform, "notify", "insert into inbox (consumer, message_id) values ('tell_issued', %s)", forgotten)
    assert (await asyncio.to_thread(answer, "reconcile", "--service", "notify"))["differences"] == []


async def test_an_event_deleted_from_its_log_leaves_a_gap_that_is_named(platform, issued):
    first = "select to_jsonb(outbox) from outbox where sequence is not null order by sequence limit 1"
    [(row,)] = sql(platform, "notify", first)
    sql(platform, "notify", "delete from outbox where message_id = %s", row["message_id"])
    try:
        found = await asyncio.to_thread(answer, "reconcile", "--service", "notify", "--patience", "1", code=1)
        assert [(each["code"], each["where"]) for each in found["differences"]] == [
            ("reconcile_log_gap", "notify")
        ]
    finally:
        again = "insert into outbox select * from jsonb_populate_record(null::outbox, %s::jsonb)"
        sql(platform, "notify", again, json.dumps(row))


# -- parked messages --------------------------------------------------------------------------------


def park(platform, body: bytes, **headers: str) -> None:
    """As the service itself parks what its reaction failed at."""
    marks = {"eiso-reason": "reaction_failed", "eiso-detail": "RuntimeError: đĩa đầy", "eiso-attempt": 4}
    marks |= {"eiso-parked-at": "2026-08-10T01:00:00+00:00", "eiso-queue": QUEUE} | headers
    properties = pika.BasicProperties(content_type="application/json", delivery_mode=2, headers=marks)
    with pika.BlockingConnection(pika.URLParameters(platform.amqp_uri("audits"))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("sub-audits", f"{QUEUE}.parked", body, properties, mandatory=True)


@pytest.fixture
def emptied(platform):
    """Nothing of other tests is parked there."""
    if parked_of(QUEUE):
        assert (
            eiso("parked", "drop", QUEUE, "--all", "--reason", "của phép thử khác", "--yes").returncode == 0
        )


@pytest.fixture
def failed(platform, issued, emptied):
    """The event of the issue, parked as if audits had failed at it: no claim, no row."""
    message_id, *rest = sql(
        platform,
        "documents",
        """select message_id, recorded_at, topic, aggregate_id, version, event, occurred_at, sequence
             from outbox where topic = 'documents.revision_issued.v1' and event ->> 'document_id' = %s""",
        issued["id"],
    )[0]
    names = ("recorded_at", "topic", "aggregate_id", "version", "event", "occurred_at", "sequence")
    envelope = dict(zip(names, rest, strict=True)) | {"message_id": message_id}
    event = envelope.pop("event")
    for moment in ("recorded_at", "occurred_at"):
        envelope[moment] = envelope[moment].isoformat()
    sql(platform, "audits", "delete from procedures where document_id = %s", issued["id"])
    sql(
        platform,
        "audits",
        "delete from inbox where consumer = 'learn_procedure' and message_id = %s",
        message_id,
    )
    body = json.dumps({"envelope": envelope, "event": event}, default=str).encode()
    park(platform, body)
    return str(message_id), body


def parked_of(queue: str) -> list[dict[str, Any]]:
    """What `parked` lists of one queue; other tests may have left messages in others."""
    done = eiso("parked", "list", queue, "--json")
    return json.loads(done.stdout)


def has_procedure(platform, issued) -> bool:
    return bool(sql(platform, "audits", "select 1 from procedures where document_id = %s", issued["id"]))


async def test_a_parked_message_is_seen_counted_and_sent_back_with_one_effect(platform, issued, failed):
    message_id, body = failed
    [group] = parked_of("audits.learn_procedure")
    assert (group["reason"], group["count"], group["topics"]) == (
        "reaction_failed",
        1,
        ["documents.revision_issued.v1"],
    )
    seen = eiso("parked", "show", "audits.learn_procedure")
    assert seen.returncode == 1
    assert message_id in seen.stdout
    assert "RuntimeError: đĩa đầy" in seen.stdout
    counted = await asyncio.to_thread(answer, "reconcile", "--service", "audits", "--patience", "1", code=1)
    assert counted["events"]["documents"]["parked"] == 1
    assert {each["code"] for each in counted["differences"]} == {"reconcile_row_missing"}

    dry = eiso("parked", "replay", QUEUE, "--id", message_id[:13], "--dry-run")
    assert (dry.returncode, "Chưa làm gì" in dry.stdout) == (0, True)
    refused = eiso("parked", "replay", QUEUE, "--all")
    assert refused.returncode == 1, "nobody agreed"
    assert parked_of(QUEUE)

    done = eiso(
        "parked", "replay", QUEUE, "--why", "reaction_failed", "--rate", "20/s", "--yes", "--as", "trực ban"
    )
    assert done.returncode == 0, done.stderr
    await eventually(lambda: has_procedure(platform, issued))
    assert parked_of(QUEUE) == []
    assert acts_in_the_trail(platform, "audits", "replay_parked")[-1] == ("operator:trực ban", None)

    park(platform, body)
    assert eiso("parked", "replay", QUEUE, "--all", "--yes").returncode == 0
    assert parked_of(QUEUE) == []
    assert (await asyncio.to_thread(answer, "reconcile", "--service", "audits"))["differences"] == []


@pytest.mark.parametrize("point", ["parked.after_publish", "parked.before_ack"])
async def test_a_kill_in_the_middle_of_a_replay_loses_nothing(platform, issued, failed, point):
    order = {"queue": QUEUE, "act": "replay", "who": "trực ban", "reason": None, "wanted": {}}
    killed = subprocess.run(
        [sys.executable, "-m", "kernel.upkeep", "audits", "parked"],
        input=json.dumps(order).encode(),
        env={**supervision.CLEAN, **environment.of_service(platform, "audits"), "CRASH_AT": point},
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr
    await eventually(lambda: has_procedure(platform, issued))
    await eventually(lambda: parked_of(QUEUE))
    assert eiso("parked", "replay", QUEUE, "--all", "--yes").returncode == 0
    assert parked_of(QUEUE) == []
    assert (await asyncio.to_thread(answer, "reconcile", "--service", "audits"))["differences"] == []


async def test_letting_go_of_a_message_wants_a_reason_which_the_trail_keeps(platform, emptied):
    park(platform, b"nothing of ours", **{"eiso-reason": "not_json"})
    assert eiso("parked", "drop", QUEUE, "--all", "--yes").returncode == 2
    assert len(parked_of(QUEUE)) == 1
    done = eiso(
        "parked", "drop", QUEUE, "--why", "not_json", "--reason", "tin lạ", "--yes", "--as", "trực ban"
    )
    assert done.returncode == 0, done.stderr
    assert parked_of(QUEUE) == []
    assert acts_in_the_trail(platform, "audits", "drop_parked")[-1] == ("operator:trực ban", "tin lạ")


def test_what_is_not_understood_is_said_with_a_remedy(platform):
    unknown = eiso("parked", "show", "notify.no_such_thing")
    assert unknown.returncode == 2
    assert "Không có hàng đợi" in unknown.stderr
    everything = eiso("parked", "replay", "--yes")
    assert everything.returncode == 2, "which messages are meant was not said"
    assert eiso("replay", "audits.no_such_thing").returncode == 2


# -- the store, long work ---------------------------------------------------------------------------


async def test_a_missing_an_orphan_and_a_changed_object_are_each_named(platform, http, sign_in):
    author = await sign_in(DEPARTMENT, "secretary")
    lost, changed = [(await a_draft(author))["id"] for _ in range(2)]
    store, at = bucket.client(platform), platform.s3_bucket
    assert {f["code"] for f in (await asyncio.to_thread(answer, "scrub"))["faults"]} == set()

    place = "select object_key, object_version, size from revisions where document_id = %s"
    [(key, version, _)] = sql(platform, "documents", place, lost)
    store.remove_object(at, key, version_id=version)
    [(changed_key, _, size)] = sql(platform, "documents", place, changed)
    put = store.put_object(at, changed_key, io.BytesIO(b"x" * size), size)
    facts = (put.version_id, changed_key)
    sql(platform, "documents", "update revisions set object_version = %s where object_key = %s", *facts)
    orphan = f"nobody/{uuid4()}"
    store.put_object(at, orphan, io.BytesIO(b"y"), 1)

    found = await asyncio.to_thread(answer, "scrub", "--grace", "0", code=1)
    named = {(fault["code"], fault["key"]) for fault in found["faults"]}
    assert {("scrub_missing", key), ("scrub_flipped", changed_key), ("scrub_orphan", orphan)} <= named
    young = await asyncio.to_thread(answer, "scrub", code=1)
    assert "scrub_orphan" not in {fault["code"] for fault in young["faults"]}
    said = await asyncio.to_thread(eiso, "scrub")
    assert f"MẤT TỆP {key}" in said.stdout


def test_a_job_that_stands_still_is_shown_and_ended(platform):
    job = uuid4()
    sql(
        platform,
        "cases",
        """insert into jobs (id, kind, arguments, state, done, total, attempts, heartbeat_at, agency_id)
           values (%s, 'renumber', '{}', 'running', 30, 120, 2, now() - interval '5 minutes', %s)""",
        job,
        uuid4(),
    )
    shown = eiso("jobs")
    assert shown.returncode == 1
    assert str(job) in shown.stdout
    assert "30 / 120 (25%)" in shown.stdout
    assert "đứng" in shown.stdout
    assert eiso("jobs", "cancel", str(job)[:8]).returncode == 1, "nobody agreed"
    ended = eiso("jobs", "cancel", str(job)[:8], "--yes", "--as", "trực ban", "--reason", "sai kỳ")
    assert ended.returncode == 0, ended.stderr
    assert sql(platform, "cases", "select cancel_requested from jobs where id = %s", job) == [(True,)]
    assert acts_in_the_trail(platform, "cases", "cancel_job") == [("operator:trực ban", "sai kỳ")]
    sql(platform, "cases", "delete from jobs where id = %s", job)
    assert eiso("jobs").returncode == 0
