"""Catching up on real servers: what never reached a consumer's queue has its effect, each event once."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import amqp
import pytest
from sqlalchemy import func, select

from contracts.base import EventsAfter
from contracts.directory.agencies import CreateAgency
from contracts.directory.events import AgencyChanged
from deploy.local.instance import ROOT
from kernel.base import clock
from kernel.base.wire import decode, dump, encode
from kernel.bus.connection import connect
from kernel.bus.publisher import Outgoing, PublisherPool
from kernel.data.tables import catch_up, inbox, outbox
from kernel.trust.identity import Actor
from kernel.work import outbox as event_log
from kernel.work.outbox import NewEvent
from kernel.work.unit_of_work import transaction
from org import tree
from org.tables import agency_nodes
from tests.integration.settings import environment_of

QUEUE = "sub-documents.learn_agency"
METHOD = "directory.events_after"
ALL = EventsAfter(sequence=0, topics=[AgencyChanged.topic])


@pytest.fixture
def admin(servers):
    """A channel of a user who may do anything to queues."""
    with connect(servers.amqp_uri("admin")) as connection:
        yield connection.channel()


@pytest.fixture
def another_reader(admin):
    """A queue that hears the directory, so that its events go out although documents has no queue."""
    name, _, _ = admin.queue_declare("test.another-reader", durable=True, auto_delete=False)
    admin.queue_bind(name, "directory.events", "#")
    yield name
    admin.queue_delete(name)


@pytest.fixture
def directory(running):
    """A source of events with an empty database."""
    return running("directory", "rpc", "relay")


def publish(directory, count: int) -> list[UUID]:
    """Commit that many agencies' events, as the directory's commands would."""
    ids = [uuid4() for _ in range(count)]
    origin = directory.means.origin(Actor.system("test"), "tell", occurred_at=clock.now(), trace_id=None)
    published = [NewEvent(aggregate_id=each, version=1, event=an_agency(each)) for each in ids]
    with transaction(directory.database, origin) as session:
        event_log.append(session, origin, clock.now(), published)
    return ids


def an_agency(agency_id: UUID) -> AgencyChanged:
    return AgencyChanged(
        agency_id=agency_id,
        code=f"H42.{agency_id.hex[:8].upper()}",
        name="Sở Nội vụ",
        short_name="SNV",
        kind="department",
        parent_id=None,
        valid_from=date(2025, 7, 1),
    )


def all_published(directory) -> bool:
    with directory.database.sessions() as session:
        return not session.scalar(select(func.count()).where(outbox.c.published_at.is_(None)))


def known(documents) -> set[UUID]:
    with documents.database.sessions() as session:
        return set(session.scalars(select(agency_nodes.c.id)))


def claims(documents) -> int:
    with documents.database.sessions() as session:
        return session.scalar(select(func.count()).select_from(inbox))


def read_to(database) -> int:
    with database.sessions() as session:
        return session.scalar(select(catch_up.c.sequence).where(catch_up.c.source == "directory"))


@pytest.fixture
def effects(monkeypatch):
    """The agencies that a reaction in this process learnt, in order, however often."""
    learnt: list[UUID] = []
    real = tree.project_agency

    def learn(session, event, version):
        learnt.append(event.agency_id)
        real(session, event, version)

    monkeypatch.setattr(tree, "project_agency", learn)
    return learnt


def test_a_new_consumer_learns_what_was_published_before_its_queue_existed(
    directory, running, another_reader, admin, eventually, effects
):
    admin.queue_delete(QUEUE)
    published = publish(directory, 30)
    eventually(lambda: all_published(directory))
    documents = running("documents", "reactions")
    eventually(lambda: documents.process.caught_up)
    assert known(documents) == set(published)
    assert sorted(effects) == sorted(published), "each event had its effect once"
    assert read_to(documents.database) == 30


def test_what_comes_by_the_queue_and_by_the_log_has_one_effect(directory, running, eventually, effects):
    published = publish(directory, 40)
    documents = running("documents", "reactions")
    published += publish(directory, 40)
    eventually(lambda: documents.process.caught_up and all_published(directory))
    eventually(lambda: known(documents) == set(published))
    assert sorted(effects) == sorted(published)
    assert claims(documents) == len(published)


def test_a_lost_message_heals_at_the_next_start(directory, running, admin, eventually, effects):
    documents = running("documents", "reactions")
    first = publish(directory, 3)
    eventually(lambda: known(documents) == set(first))
    documents.process.stop()
    lost = publish(directory, 5)
    eventually(lambda: all_published(directory))
    assert admin.queue_purge(QUEUE) == 5
    again = running("documents", "reactions", database=documents.database)
    eventually(lambda: again.process.caught_up)
    assert known(again) == {*first, *lost}
    assert sorted(effects) == sorted([*first, *lost])


def test_a_consumer_killed_in_the_middle_goes_on_where_it_was(
    servers, directory, running, another_reader, admin, database_of, eventually, effects
):
    published = publish(directory, 600)
    eventually(lambda: all_published(directory), 20)
    admin.queue_delete(QUEUE)
    database = database_of("documents")
    url = database.engine.url.render_as_string(hide_password=False)
    environ = environment_of(servers, "documents", DATABASE_URL=url, CRASH_AT="catch_up.before_keep")
    died = subprocess.run(
        [sys.executable, "-m", "kernel.run", "documents", "--role", "reactions"],
        env=os.environ | environ,
        cwd=ROOT,
        timeout=60,
        capture_output=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stdout.decode() + died.stderr.decode()
    assert read_to(database) is None, "killed after the first stretch's effects, before it was kept"
    documents = running("documents", "reactions", database=database)
    eventually(lambda: documents.process.caught_up, 30)
    assert known(documents) == set(published)
    assert len(effects) == len(set(effects)) == 100, "the first 500 had their effect before the kill"
    assert read_to(database) == 600


def test_an_event_that_keeps_failing_holds_up_no_other_and_is_tried_at_the_next_start(
    directory, running, another_reader, admin, eventually, monkeypatch
):
    admin.queue_delete(QUEUE)
    published = publish(directory, 10)
    with directory.database.sessions() as session:
        by_sequence = select(outbox.c.sequence, outbox.c.aggregate_id).order_by(outbox.c.sequence)
        eventually(lambda: all_published(directory))
        third = session.execute(by_sequence).all()[2].aggregate_id
    real = tree.project_agency

    def learn(session, event, version):
        if event.agency_id == third:
            raise RuntimeError("not today")
        real(session, event, version)

    monkeypatch.setattr(tree, "project_agency", learn)
    documents = running("documents", "reactions")
    eventually(lambda: documents.process.caught_up)
    assert known(documents) == set(published) - {third}
    assert read_to(documents.database) == 2
    documents.process.stop()
    monkeypatch.setattr(tree, "project_agency", real)
    again = running("documents", "reactions", database=documents.database)
    eventually(lambda: again.process.caught_up)
    assert known(again) == set(published)
    assert read_to(again.database) == 10


def test_a_source_that_is_away_is_waited_for(running, admin, eventually):
    admin.queue_delete("rpc-directory")
    documents = running("documents", "reactions")
    assert not documents.process.caught_up
    directory = running("directory", "rpc", "relay")
    [published] = publish(directory, 1)
    eventually(lambda: documents.process.caught_up, 20)
    eventually(lambda: known(documents) == {published})


def test_people_and_the_public_may_not_read_an_event_log(directory, rpc, a_token):
    publish(directory, 1)
    agency = uuid4()
    for roles in (["province_admin"], ["system_operator"], []):
        token = a_token(*roles, agency=agency, with_subtree=True)
        assert rpc.call(METHOD, ALL, token=token)["refused"]["code"] == "not_permitted"
    assert rpc.call(METHOD, ALL)["refused"]["code"] == "not_signed_in"


class Signed:
    """A broker user's connection whose messages name their sender."""

    def __init__(self, servers, user: str) -> None:
        self.pool, self.connection = (
            PublisherPool(servers.amqp_uri(user), 1),
            connect(servers.amqp_uri(user)),
        )
        self.channel, key = self.connection.channel(), str(uuid4())
        self.address, self.queue = f"{user}.{key}", f"rpc.reply-{user}-{key}"
        self.channel.queue_declare(
            self.queue, durable=True, auto_delete=False, arguments={"x-expires": 60000}
        )
        self.channel.queue_bind(self.queue, "eiso-answers", self.address)

    def ask(self, eventually, method, question, user_id, exchange="eiso-logs", **headers):
        body = encode({"args": [dump(question)], "kwargs": {}})
        asked = Outgoing(exchange=exchange, routing_key=method, body=body, reply_to=self.address)
        self.pool.publish_one(replace(asked, user_id=user_id, headers=headers, correlation_id="1"))
        message = eventually(lambda: self.channel.basic_get(self.queue, no_ack=True))
        return decode(message.body)["result"]

    def close(self) -> None:
        self.connection.close()
        self.pool.drain()


@pytest.fixture
def signed(servers):
    """`signed("documents")`: that broker user, with its own rights."""
    made = []

    def connected(user: str) -> Signed:
        made.append(Signed(servers, user))
        return made[-1]

    yield connected
    for each in made:
        each.close()


def test_services_may_read_an_event_log(directory, signed, eventually):
    published = publish(directory, 3)
    eventually(lambda: all_sequenced(directory))
    for user in ("documents", "notify"):
        log = signed(user).ask(eventually, METHOD, ALL, user)["ok"]
        assert {message["event"]["agency_id"] for message in log["messages"]} == set(map(str, published))
        assert log["read_to"] == log["head"] == 3


def all_sequenced(directory) -> bool:
    with directory.database.sessions() as session:
        return not session.scalar(select(func.count()).where(outbox.c.sequence.is_(None)))


def test_the_gateway_is_no_service_and_nobody_is_believed_to_be_another(directory, signed, eventually):
    answer = signed("gateway").ask(eventually, METHOD, ALL, "gateway", "nameko-rpc")
    assert answer["refused"]["code"] == "not_signed_in"
    with pytest.raises(amqp.exceptions.AccessRefused):
        signed("gateway").ask(eventually, METHOD, ALL, "gateway")
    with pytest.raises(amqp.exceptions.PreconditionFailed, match="user_id"):
        signed("notify").ask(eventually, METHOD, ALL, "documents")


def test_a_service_may_ask_but_command_nothing(directory, signed, eventually, servers):
    command = CreateAgency(
        request_id=uuid4(),
        code="H42.999",
        name="Sở Giả",
        short_name="Sở Giả",
        kind="department",
        valid_from=date(2026, 1, 1),
    )
    method, asked = "directory.create_agency", (command, "documents")
    for exchange in ("eiso-logs", "nameko-rpc"):
        with pytest.raises(amqp.exceptions.AccessRefused):
            signed("documents").ask(eventually, method, *asked, exchange)
    # Where a broker were to let it through all the same, the service refuses.
    with connect(servers.amqp_uri("admin")) as connection:
        way = ("rpc-directory", "sub-documents", method)
        connection.channel().queue_bind(*way)
        refused = signed("documents").ask(eventually, method, *asked, "sub-documents")["refused"]
        connection.channel().queue_unbind(*way)
    assert refused["code"] == "not_permitted"
