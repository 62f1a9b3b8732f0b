"""Processes as an operator meets them: roles apart, settings named, stopped in order, ready in time."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import eventlet
import pytest
from sqlalchemy import func, insert, select, text

from contracts.directory.events import AgencyChanged
from contracts.documents.documents import ListDocuments
from contracts.documents.events import RevisionSubmitted
from contracts.documents.files import ConfirmUpload, ReserveUpload
from deploy.local.instance import ROOT
from kernel.base import clock
from kernel.base.wire import decode
from kernel.bus.connection import connect
from kernel.data.tables import outbox, trail_seals, uploads
from kernel.trust.identity import Actor
from kernel.work import outbox as event_log
from kernel.work.outbox import NewEvent
from kernel.work.unit_of_work import transaction
from org import tree
from org.tables import agency_nodes
from tests.integration.bus import forget_queues
from tests.integration.kernel.processes import Gate, Started, through
from tests.integration.settings import environment_of


@pytest.fixture
def start(servers, database_of):
    """`start("documents", "rpc", database)`: ended after the test."""
    made: list[Started] = []

    def begin(service: str, role: str, database=None, **changes: str) -> Started:
        url = (database or database_of(service)).engine.url.render_as_string(hide_password=False)
        environ = environment_of(servers, service, **{"DATABASE_URL": url, **changes})
        made.append(Started(servers, service, role, environ))
        return made[-1]

    yield begin
    for each in made:
        each.stop()


@pytest.fixture
def own_queues(servers):
    """No message of an earlier test in the queues of documents."""
    from services.documents.service import DocumentsService

    forget_queues(servers, DocumentsService, (0.3, 0.6))


@pytest.fixture
def listening_queue(servers):
    """A queue that hears what documents publishes, so that every event has a hearer."""
    with connect(servers.amqp_uri("admin")) as connection:
        channel = connection.channel()
        name, _, _ = channel.queue_declare("test.hears-documents", durable=True, auto_delete=False)
        channel.queue_bind(name, "documents.events", "#")
        yield name
        channel.queue_delete(name)


def an_agency(agency_id) -> AgencyChanged:
    return AgencyChanged(
        agency_id=agency_id,
        code="H42.001",
        name="Sở Nội vụ",
        short_name="SNV",
        kind="department",
        parent_id=None,
        valid_from=date(2025, 7, 1),
    )


def a_submission(document_id) -> RevisionSubmitted:
    return RevisionSubmitted(
        document_id=document_id,
        revision_id=uuid4(),
        agency_id=uuid4(),
        code="QT-01",
        title="Quy trình",
        number=1,
        submitted_by=uuid4(),
    )


def publish(running, event, aggregate_id) -> None:
    """Commit an event in the database of that service."""
    origin = running.means.origin(Actor.system("test"), "tell", occurred_at=clock.now(), trace_id=None)
    with transaction(running.database, origin) as session:
        published = NewEvent(aggregate_id=aggregate_id, version=1, event=event)
        event_log.append(session, origin, clock.now(), [published])


def count(database, table, *where) -> int:
    with database.sessions() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def a_reservation(agency) -> ReserveUpload:
    return ReserveUpload(
        request_id=uuid4(),
        agency_id=agency,
        name="quy-trinh.pdf",
        media_type="application/pdf",
        size=7,
        sha256="0" * 64,
    )


def test_roles_in_processes_of_their_own_do_together_what_one_process_does(
    start, running, rpc, a_token, database_of, own_queues, eventually
):
    directory, database = running("directory", "rpc", "relay"), database_of("documents")
    with database.engine.begin() as connection:
        old = clock.now() - timedelta(days=3)
        left_over = {"id": uuid4(), "agency_id": uuid4(), "key": "k", "name": "a.pdf", "size": 1}
        left_over |= {"media_type": "application/pdf", "sha256": "0" * 64, "state": "reserved"}
        connection.execute(insert(uploads).values(**left_over, reserved_at=old, expires_at=old))
    processes = {
        role: start("documents", role, database) for role in ("rpc", "reactions", "relay", "sweep", "jobs")
    }
    eventually(lambda: all(process.is_ready() for process in processes.values()), 40)
    agency = uuid4()
    publish(directory, an_agency(agency), agency)
    eventually(lambda: count(database, agency_nodes, agency_nodes.c.id == agency))
    drafter = a_token("drafter", agency=agency)
    reserved = rpc.call("documents.reserve_upload", a_reservation(agency), token=drafter)
    assert "ok" in reserved, reserved
    eventually(lambda: count(database, trail_seals))
    eventually(lambda: not count(database, uploads, uploads.c.key == "k"))
    for role in ("reactions", "relay", "sweep", "jobs"):
        processes[role].stop()
    answer = rpc.call("documents.list_documents", ListDocuments(), token=drafter)
    assert answer["ok"]["items"] == []


def test_a_relay_by_itself_publishes_what_others_committed(
    start, running, own_queues, listening_queue, eventually
):
    documents = running("documents", "rpc")
    document = uuid4()
    publish(documents, a_submission(document), document)
    assert count(documents.database, outbox, outbox.c.published_at.is_(None)) == 1
    start("documents", "relay", documents.database)
    eventually(lambda: not count(documents.database, outbox, outbox.c.published_at.is_(None)), 30)


@pytest.mark.parametrize("command", [["kernel.run", "documents"], ["kernel.run", "notify"], ["gateway"]])
def test_missing_settings_are_named_all_together(command):
    given = {"PATH": os.defpath, "EISO_MODE": "local", "HEALTH_PORT": "a hundred", "GATEWAY_PORT": "0"}
    done = subprocess.run(
        [sys.executable, "-m", *command], env=given, cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    wanted = {
        "gateway": ["AMQP_URI", "GATEWAY_PORT"],
        "kernel.run": ["AMQP_URI", "DATABASE_URL", "HEALTH_PORT"],
    }
    for name in wanted[command[0]]:
        assert name in done.stderr
    assert "thiếu / missing" in done.stderr
    assert "Traceback" not in done.stderr


def know(database, agency) -> None:
    """Teach the database the agency, as the directory's event would."""
    with database.sessions() as session:
        tree.project_agency(session, an_agency(agency), 1)
        session.commit()


@contextmanager
def held_up(database, upload_id, eventually):
    """The confirmation of an upload waits until the block ends; what is given waits until somebody does."""
    with database.engine.connect() as holder:
        holder.execute(text("select 1 from uploads where id = :id for update"), {"id": upload_id})
        waiting = text(
            "select count(*) from pg_stat_activity"
            " where wait_event_type = 'Lock' and datname = current_database()"
        )
        yield lambda: eventually(lambda: holder.scalar(waiting))
        holder.rollback()


def test_a_stop_finishes_the_call_in_hand(start, rpc, a_token, database_of, own_queues, eventually):
    agency, database = uuid4(), database_of("documents")
    know(database, agency)
    process = start("documents", "rpc", database)
    eventually(process.is_ready, 30)
    drafter = a_token("drafter", agency=agency)
    ticket = rpc.call("documents.reserve_upload", a_reservation(agency), token=drafter)["ok"]
    with held_up(database, ticket["upload_id"], eventually) as wait_for_it:
        asked = ConfirmUpload(request_id=uuid4(), upload_id=ticket["upload_id"])
        sent = rpc.send("documents.confirm_upload", asked, token=drafter)
        wait_for_it()
        process.popen.send_signal(signal.SIGTERM)
        began = time.monotonic()
        eventually(lambda: time.monotonic() - began > 1)
        assert process.popen.poll() is None, "it waits for the call"
    assert rpc.receive(sent)["refused"]["code"] == "upload_not_arrived"
    code, said = process.ended(within=10)
    assert code == 0, said
    assert '"message":"stopped"' in said


@pytest.mark.parametrize("role", ["all", "relay"])
def test_an_idle_process_stops_within_seconds(start, own_queues, eventually, role):
    process = start("documents", role)
    eventually(lambda: process.asked("/live")[0] == 200, 30)
    eventually(lambda: not {"listening", "database"} & process.faults().keys(), 30)
    process.popen.send_signal(signal.SIGTERM)
    code, said = process.ended(within=6)
    assert code == 0, said


def test_a_process_that_is_stopped_while_it_starts_stops(start, own_queues, eventually):
    process = start("documents", "all")
    eventually(lambda: process.asked("/live")[0] == 200, 30)
    process.popen.send_signal(signal.SIGTERM)
    code, said = process.ended(within=15)
    assert code == 0, said


@pytest.mark.parametrize("role", ["all", "rpc", "reactions"])
def test_a_process_whose_broker_user_is_refused_ends_and_says_so(servers, start, role):
    wrong = servers.amqp_uri("documents").replace(servers.passwords["amqp_documents"], "mat-khau-sai")
    process = start("documents", role, AMQP_URI=wrong)
    code, said = process.ended(within=20)
    assert code not in (0, -signal.SIGKILL), said
    assert "ACCESS_REFUSED" in said
    assert "mat-khau-sai" not in said, "a password is no line of a log"


NEEDED = {"DATABASE_URL": "database", "AMQP_URI": "bus", "S3_ENDPOINT": "store"}


@pytest.mark.parametrize(("setting", "part"), NEEDED.items(), ids=NEEDED.values())
def test_a_process_says_what_is_missing_and_is_ready_when_it_comes(
    servers, running, start, database_of, own_queues, eventually, setting, part
):
    running("directory", "rpc")
    database = database_of("documents")
    url = database.engine.url.render_as_string(hide_password=False)
    wanted = environment_of(servers, "documents", DATABASE_URL=url)[setting]
    gate = Gate(urlsplit(wanted).hostname, urlsplit(wanted).port)
    try:
        process = start("documents", "all", database, **{setting: through(wanted, gate.port)})
        eventually(lambda: part in process.faults(), 30)
        assert process.asked("/live")[0] == 200
        gate.open()
        eventually(process.is_ready, 40)
        gate.close()
        eventually(lambda: part in process.faults(), 30)
        assert process.asked("/live")[0] == 200, "somebody else's absence is no reason to die"
        gate.open()
        eventually(process.is_ready, 40)
        assert process.popen.poll() is None
    finally:
        gate.close()


def test_calls_that_come_during_a_stop_are_answered_by_the_next_process(
    start, rpc, a_token, database_of, own_queues, eventually
):
    """A process that goes while it finishes one call must neither keep nor misanswer another."""
    agency, database = uuid4(), database_of("documents")
    know(database, agency)
    first = start("documents", "rpc", database)
    eventually(first.is_ready, 30)
    drafter = a_token("drafter", agency=agency)
    ticket = rpc.call("documents.reserve_upload", a_reservation(agency), token=drafter)["ok"]
    with held_up(database, ticket["upload_id"], eventually) as wait_for_it:
        asked = ConfirmUpload(request_id=uuid4(), upload_id=ticket["upload_id"])
        slow = rpc.send("documents.confirm_upload", asked, token=drafter)
        wait_for_it()
        first.popen.send_signal(signal.SIGTERM)
        eventually(lambda: "stopping" in first.faults().get("listening", ""))
        sent = []
        for _ in range(10):
            sent.append(rpc.send("documents.list_documents", ListDocuments(), token=drafter))
            eventlet.sleep(0.1)
        second = start("documents", "rpc", database)
        for found in answers(rpc, sent).values():
            assert found["ok"]["items"] == []
        assert first.popen.poll() is None
    assert rpc.receive(slow)["refused"]["code"] == "upload_not_arrived"
    assert first.ended(within=10)[0] == 0
    assert second.popen.poll() is None


def answers(rpc, sent: list[str]) -> dict[str, Any]:
    """The answers to several calls, in whatever order they come."""
    found: dict[str, Any] = {}
    with eventlet.Timeout(20):
        while set(sent) - set(found):
            if message := rpc.channel.basic_get(rpc.queue, no_ack=True):
                body = decode(message.body)
                assert body["error"] is None, body
                found[message.properties["correlation_id"]] = body["result"]
            else:
                eventlet.sleep(0.01)
    return found
