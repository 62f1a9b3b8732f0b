"""Events on real servers: none lost, one effect each, whatever is killed, repeated or out of order."""

import os
import signal
import subprocess
import sys
from uuid import UUID, uuid4

import eventlet
import pytest
from sqlalchemy import func, select, update

from contracts.base import EventsAfter
from kernel.base import clock, wire
from kernel.bus.connection import connect
from kernel.bus.parked import DETAIL, REASON
from kernel.bus.publisher import Outgoing
from kernel.bus.relay import Relay
from kernel.data.tables import inbox, outbox, outbox_head
from kernel.trust.identity import Actor
from kernel.work import outbox as event_log
from kernel.work.outbox import NewEvent
from kernel.work.unit_of_work import transaction
from tests.integration.kernel import ledger
from tests.integration.kernel.ledger import ToyChanged, heard

QUEUE = "sub-documents.hear"


def origin(means):
    return means.origin(Actor.system("test"), "tell", occurred_at=clock.now(), trace_id=None)


def publish(means, account_id=None, version=1) -> UUID:
    """Commit one event, as a handler would."""
    account_id = account_id or uuid4()
    with transaction(means.database, origin(means)) as session:
        event = ToyChanged(account_id=account_id, amount=version)
        event_log.append(
            session,
            origin(means),
            clock.now(),
            [NewEvent(aggregate_id=account_id, version=version, event=event)],
        )
    return account_id


def times_heard(means, account_id) -> int:
    with means.database.sessions() as session:
        return session.scalar(select(heard.c.times).where(heard.c.account_id == account_id)) or 0


def sequences(means):
    with means.database.sessions() as session:
        return session.scalars(select(outbox.c.sequence).order_by(outbox.c.sequence)).all()


def queue_depth(servers, queue) -> int:
    with connect(servers.amqp_uri("admin")) as connection:
        return connection.channel().queue_declare(queue, passive=True).message_count


def letter(body: bytes, content_type="application/json") -> Outgoing:
    return Outgoing(
        exchange="documents.events",
        routing_key=ToyChanged.topic,
        body=body,
        message_id=str(uuid4()),
        content_type=content_type,
    )


class Turning(Relay):
    """A relay of the test's own, turned by hand."""

    def turn(self):
        with self.means.database.dedicated() as connection:
            return super().turn(connection)


def test_an_event_has_its_effect_once(ledger_running, means, eventually):
    ledger_running()
    account = publish(means)
    eventually(lambda: times_heard(means, account))
    assert sequences(means) == [1]


def test_the_sequence_has_no_gap_and_hides_no_slow_transaction(means, ledger_running, eventually):
    ledger_running("reactions")
    relay = Turning(means)
    slow, fast = uuid4(), uuid4()
    with transaction(means.database, origin(means)) as session:
        published = NewEvent(aggregate_id=slow, version=1, event=ToyChanged(account_id=slow, amount=1))
        event_log.append(session, origin(means), clock.now(), [published])
        session.flush()
        publish(means, fast)
        relay.turn()
        with means.database.sessions() as reader:
            seen = event_log.events_after(reader, EventsAfter(sequence=0, topics=[ToyChanged.topic]))
        assert [m["event"]["account_id"] for m in seen.messages] == [str(fast)]
    relay.turn()
    with means.database.sessions() as reader:
        rest = event_log.events_after(reader, EventsAfter(sequence=seen.read_to, topics=[ToyChanged.topic]))
    assert [m["event"]["account_id"] for m in rest.messages] == [str(slow)]
    assert sequences(means) == [1, 2]


def test_two_relays_publish_every_event_and_only_one_works(ledger_running, means, eventually):
    ledger_running("relay")
    ledger_running("relay")
    ledger_running("reactions")
    published = [publish(means) for _ in range(60)]
    eventually(lambda: all(times_heard(means, each) for each in published), 20)
    assert sequences(means) == list(range(1, 61))
    assert {times_heard(means, each) for each in published} == {1}
    with means.database.sessions() as session:
        head = session.scalar(select(outbox_head.c.sequence))
    assert head == 60


RELAY_THAT_DIES = """
import os, sys
os.environ['CRASH_AT'] = 'relay.before_mark'
import kernel.run.launcher
from kernel.bus.relay import Relay
from kernel.life.settings import Settings, from_environ
from kernel.run.process import means_of
from tests.integration.kernel import ledger
means = means_of(ledger.DocumentsService, from_environ(Settings))
Relay(means).turn(means.database.dedicated())
"""


def test_a_relay_killed_between_publish_and_mark_loses_and_doubles_nothing(
    ledger_running, means, servers, eventually
):
    from tests.integration.settings import environment_of

    ledger_running("reactions")
    account = publish(means)
    url = means.database.engine.url.render_as_string(hide_password=False)
    environ = os.environ | environment_of(servers, "documents", DATABASE_URL=url)
    died = subprocess.run(
        [sys.executable, "-c", RELAY_THAT_DIES], env=environ, timeout=60, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    eventually(lambda: times_heard(means, account))
    with means.database.sessions() as session:
        assert session.scalar(select(outbox.c.published_at)) is None
    assert Turning(means).turn() == 1
    eventually(lambda: queue_depth(servers, QUEUE) == 0)
    eventlet.sleep(0)
    with means.database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(inbox)) == 1
    assert times_heard(means, account) == 1


def test_a_repeated_message_has_no_second_effect(ledger_running, means, eventually):
    ledger_running()
    account = publish(means)
    eventually(lambda: times_heard(means, account))
    with means.database.sessions() as session:
        session.execute(update(outbox).values(published_at=None))
        session.commit()
    eventually(lambda: all_published(means))
    other = publish(means)
    eventually(lambda: times_heard(means, other))
    assert times_heard(means, account) == 1


def all_published(means) -> bool:
    with means.database.sessions() as session:
        return not session.scalar(select(func.count()).where(outbox.c.published_at.is_(None)))


def test_an_event_without_a_queue_waits_in_the_log_and_holds_up_nothing(ledger_running, means, eventually):
    relay = Turning(means)
    account = publish(means)
    assert relay.turn() == 0
    assert not all_published(means)
    ledger_running("reactions")
    relay.unrouted.clear()
    assert relay.turn() == 1
    eventually(lambda: times_heard(means, account))


def test_a_failing_reaction_is_tried_again_after_a_pause(ledger_running, means, eventually):
    account = uuid4()
    ledger.REACTIONS[str(account)] = "fail 2"
    ledger_running()
    began = clock.now()
    publish(means, account)
    eventually(lambda: times_heard(means, account))
    assert (clock.now() - began).total_seconds() >= 0.6, "both pauses were kept"
    assert times_heard(means, account) == 1


def test_a_reaction_that_keeps_failing_is_parked_with_its_reason(ledger_running, means, servers, eventually):
    account = uuid4()
    ledger.REACTIONS[str(account)] = "fail 99"
    ledger_running()
    publish(means, account)
    with connect(servers.amqp_uri("admin")) as admin:
        channel = admin.channel()
        parked = eventually(lambda: channel.basic_get(f"{QUEUE}.parked"))
        assert parked.headers[REASON] == "reaction_failed"
        assert "not today" in parked.headers[DETAIL]
        assert wire.decode(parked.body)["event"]["account_id"] == str(account)
    assert ledger.REACTIONS.pop(str(account)) == "fail 96", "three tries and no storm"


ENVELOPE = {
    "message_id": str(uuid4()),
    "topic": ToyChanged.topic,
    "sequence": 1,
    "aggregate_id": str(uuid4()),
    "version": 1,
    "occurred_at": "2026-08-10T01:00:00Z",
    "recorded_at": "2026-08-10T01:00:00Z",
}

POISON = {
    "not_json": letter(b"{nonsense"),
    "content_type_not_json": letter(b"\x80\x04}.", "application/x-python-serialize"),
    "message_too_large": letter(b" " * 8_000_000),
    "not_an_event": letter(b'"hello"'),
    "unknown_topic": letter(
        wire.encode({"envelope": ENVELOPE | {"topic": "documents.toy_changed.v9"}, "event": {}})
    ),
    "breaks_contract": letter(wire.encode({"envelope": ENVELOPE, "event": {"account_id": 7}})),
}


@pytest.mark.parametrize("reason", POISON)
def test_what_cannot_be_read_is_parked_at_once_and_the_next_goes_on(
    ledger_running, means, servers, eventually, reason
):
    ledger_running()
    means.publishers.publish_one(POISON[reason])
    account = publish(means)
    eventually(lambda: times_heard(means, account))
    with connect(servers.amqp_uri("admin")) as admin:
        channel = admin.channel()
        parked = eventually(lambda: channel.basic_get(f"{QUEUE}.parked"))
        assert parked.headers[REASON] == reason
        body = parked.body if isinstance(parked.body, bytes) else parked.body.encode()
        assert body == POISON[reason].body


def test_a_newer_senders_unknown_field_is_passed_over(ledger_running, means, eventually):
    ledger_running()
    account = uuid4()
    body = {
        "envelope": ENVELOPE | {"message_id": str(uuid4())},
        "event": {"account_id": str(account), "amount": 1, "more": 2},
    }
    means.publishers.publish_one(letter(wire.encode(body)))
    eventually(lambda: times_heard(means, account))
