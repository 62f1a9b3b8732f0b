"""Servers that fall silent in the middle: whoever waits is told so within a limit."""

import time
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from amqp.exceptions import RecoverableConnectionError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from kernel.bus import connection as amqp
from kernel.bus.consumer import RawConsumer
from kernel.bus.publisher import Publisher
from kernel.data import database as data
from kernel.data.database import Database
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
