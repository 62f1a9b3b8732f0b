"""Servers that fall silent in the middle: a caller who waits gets an answer within a limit."""

import socket
import time
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import uuid4

import eventlet
import psycopg
import pytest
from amqp.exceptions import RecoverableConnectionError
from eventlet import patcher
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from kernel.base import clock
from kernel.bus import connection as amqp
from kernel.bus.consumer import LOOKS_UP_SECONDS, RawConsumer
from kernel.bus.publisher import Publisher
from kernel.bus.rpc import CallConsumer
from kernel.data import database as data
from kernel.data.database import Database
from kernel.trust.identity import Actor
from kernel.work.housekeeping import keep_house
from kernel.work.unit_of_work import transaction
from tests.integration.kernel.ledger import PayIn
from tests.integration.kernel.processes import Gate, through
from tests.integration.kernel.test_events import letter

SHORT = 0.5
AT_MOST = 3 * 2.0


@pytest.fixture
def gate_before():
    """`gate_before(url)`: an open gate to that server."""
    opened = []

    def before(url: str) -> Gate:
        where = urlsplit(url)
        opened.append(Gate(where.hostname, where.port))
        opened[-1].open()
        return opened[-1]

    yield before
    for gate in opened:
        gate.close()


@pytest.fixture
def ends():
    """A green socket as amqp uses it, with the reading loop's short time-out on it, and its other end."""
    ours, theirs = socket.socketpair()
    ours.settimeout(0.1)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_database_that_falls_silent_ends_the_wait_and_the_next_connection_serves(
    means, gate_before, monkeypatch
):
    monkeypatch.setattr(data, "GRACE_SECONDS", SHORT)
    gate = gate_before(means.settings.database_url)
    database = Database(through(means.settings.database_url, gate.port), pool=1, longest=SHORT)
    began = time.monotonic()
    with database.sessions() as session:
        session.connection(execution_options={data.LONGEST: SHORT})
        gate.fall_silent()
        with pytest.raises(OperationalError, match="silent"):
            session.execute(text("select 1"))
    assert time.monotonic() - began < AT_MOST
    gate.open()
    database.check()
    database.close()


def test_a_database_cuts_off_what_takes_longer_than_anything_may(means):
    database = Database(means.settings.database_url, pool=1, longest=SHORT)
    with pytest.raises(OperationalError, match="statement timeout"), database.sessions() as session:
        session.execute(text("select pg_sleep(20)"))
    database.close()


def test_a_broker_that_falls_silent_ends_the_wait_and_is_left_without_a_word(
    means, ledger_running, gate_before, monkeypatch
):
    ledger_running("reactions").stop()
    monkeypatch.setattr(amqp, "SILENCE_SECONDS", SHORT)
    gate = gate_before(means.settings.amqp_uri)
    publisher = Publisher(through(means.settings.amqp_uri, gate.port))
    publisher.publish_one(letter(b"{}"))
    gate.fall_silent()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        publisher.publish([letter(b"{}")], seconds=SHORT)
    with pytest.raises(TimeoutError):
        publisher.connection.channel()
    publisher.close()
    assert time.monotonic() - began < AT_MOST


def test_a_connection_that_breaks_under_an_acknowledgement_ends_no_container():
    class Broken:
        channel = SimpleNamespace(connection="there a moment ago")

        def ack(self) -> None:
            raise BrokenPipeError

        def requeue(self) -> None:
            raise RecoverableConnectionError("gone")

    consumer = RawConsumer()
    consumer.ack_message(Broken())
    consumer.requeue_message(Broken())


def test_a_connection_that_a_worker_finds_broken_is_made_anew_with_its_queue(
    ledger_running, rpc, a_token, ends
):
    """The worker keeps the hub longer than the reading loop waits: the loop learns of its time-out first."""
    agency = uuid4()
    payer = a_token("payer", agency=agency)
    reading = ledger_running("rpc")
    [consumer] = {each for each in reading.container.subextensions if isinstance(each, CallConsumer)}
    broken, (ours, theirs) = consumer.reads, ends

    def worker():
        ours.recv(1)  # as a worker goes on when its database answers: the hub looks at time-outs after it
        patcher.original("time").sleep(4 * LOOKS_UP_SECONDS)
        broken.transport.connected = False
        broken.transport.sock.shutdown(socket.SHUT_RDWR)

    at_work = eventlet.spawn(worker)
    eventlet.sleep(0)
    theirs.send(b"x")
    at_work.wait()
    payment = PayIn(request_id=uuid4(), account_id=uuid4(), agency_id=agency, amount=5)
    assert rpc.call("documents.pay_in", payment, token=payer)["ok"]["amount"] == 5
    assert consumer.reads is not broken


def test_what_is_sent_waits_for_a_broker_that_takes_small_sips(ends):
    ours, theirs = ends
    sent, taken = b"x" * 8_000_000, bytearray()

    def sip():
        eventlet.sleep(0.5)  # longer than the reader's time-out, which must not cut the sending off
        while len(taken) < len(sent):
            taken.extend(theirs.recv(1 << 20))

    drinking = eventlet.spawn(sip)
    amqp._send(ours, sent)
    drinking.wait()
    assert bytes(taken) == sent


def test_what_was_half_sent_ends_the_connection(ends, monkeypatch):
    monkeypatch.setattr(amqp, "SILENCE_SECONDS", SHORT)
    ours, _ = ends
    with pytest.raises(TimeoutError, match="took nothing in"):
        amqp._send(ours, b"x" * 8_000_000)
    assert ours.recv(1) == b"", "the reader learns of it at once"
    with pytest.raises(OSError):
        amqp._send(ours, b"more")


def test_connections_that_died_in_the_pool_refuse_nobody(means):
    """PostgreSQL came back: however many old connections lie in the pool, all that is asked is answered."""
    database = Database(means.settings.database_url, pool=10)
    for make, tries in ((database.sessions, 1), (lambda: database.questions(5), 2)):
        _let_all_die(means, [make() for _ in range(5)])
        assert [_asked(make, tries) for _ in range(20)] == [1] * 20
    database.check()
    database.close()


def _let_all_die(means, opened):
    pids = [session.scalar(text("select pg_backend_pid()")) for session in opened]
    for session in opened:
        session.close()
    with means.database.engine.begin() as other:
        other.execute(text("select pg_terminate_backend(pid) from unnest(:pids) as pid"), {"pids": pids})


def _asked(make, tries):
    """As units of work ask: a question is put once more where its connection turns out to be dead."""
    with make() as session:
        try:
            return session.scalar(text("select 1"))
        except OperationalError as error:
            if tries == 1 or not error.connection_invalidated:
                raise
    return _asked(make, tries - 1)


def test_a_backup_that_reads_the_trail_holds_up_no_writer(means, servers):
    """A partition that is missing then waits for the next hour."""
    origin = means.origin(Actor.system("test"), "keep_house", occurred_at=clock.now(), trace_id=None)
    missing = _drop_last_partition(means, servers)
    with means.database.engine.begin() as backup:
        backup.execute(text("select 1 from trail limit 1"))
        _keep_house(means, origin)
        assert not _is_there(means, missing)
    _keep_house(means, origin)
    assert _is_there(means, missing)


def _keep_house(means, origin):
    with transaction(means.database, origin, seconds=5) as session:
        keep_house(means.call(session=session, actor=origin.actor, action="keep_house"))


def _drop_last_partition(means, servers):
    """As on the first of a month, when the month after next has none yet."""
    name = means.database.engine.url.database
    with psycopg.connect(servers.admin_url_of(name), autocommit=True) as owner:
        [[last]] = owner.execute(
            "select max(inhrelid::regclass::text) from pg_inherits where inhparent = 'trail'::regclass"
        ).fetchall()
        owner.execute(f"drop table {last}")
    return last


def _is_there(means, table):
    with means.database.engine.begin() as connection:
        return connection.scalar(text("select to_regclass(:name) is not null"), {"name": table})
