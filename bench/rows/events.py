"""From a commit in one service to the commit of another's reaction, beside bare kombu with confirms.

Ours: the event stands in the directory's outbox, its relay gives it a sequence and publishes it with
confirms into a quorum queue, notify claims it in its inbox and keeps its copy of the person. Both ends
are moments of commit, taken by the one clock of this process: a trigger made for the measurement
announces each row of the inbox, and PostgreSQL delivers such a notice at commit. Bare kombu carries
the same bytes into a quorum queue and its consumer only acknowledges: no transaction on either side.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import kombu
import psycopg

from bench import celery
from bench.hops import Hops
from bench.report import Measurement, percentile
from bench.stage import Stage
from contracts.directory.events import PersonChanged
from kernel.base import wire
from kernel.data.database import Database
from kernel.trust.identity import Actor
from kernel.trust.trail import Origin
from kernel.work import outbox
from kernel.work.outbox import NewEvent

SINGLE, PAUSE = 300, 0.01
MANY = 5000
WITHIN = 60.0
WATCH = """
create or replace function bench_seen() returns trigger language plpgsql as
    $$ begin perform pg_notify('bench_seen', new.message_id::text); return null; end $$;
create or replace trigger bench_seen after insert on inbox for each row execute function bench_seen()
"""


def run(stage: Stage) -> Iterator[Measurement]:
    database = Database(stage.platform.database_url("directory"))
    try:
        alone, hops = one_at_a_time(stage, database), Hops(stage)
        rate = many(stage, database)
    finally:
        database.close()
    ours = Side(alone, rate, hops.each(MANY))
    with _bare(stage) as bare:
        kombu_ = Side(bare.one_at_a_time(), bare.many())
    yield from _figures(ours, kombu_, "bare kombu, quorum queue", _BARE)
    with celery.worker_on(stage, body().decode()) as peer:
        celery_ = Side(peer.one_at_a_time(SINGLE, PAUSE), peer.many(MANY))
    note = "sent → run; no log of what was sent, no effect but once, nothing stored"
    yield from _figures(ours, celery_, "Celery, quorum queue", (note, note))


class Side(NamedTuple):
    """What was found of one of the two."""

    alone: list[float]
    rate: float
    hops: str = ""


_BARE = (
    "bare: publish → consumer's callback, nothing stored in a database",
    "bare: published and confirmed one by one, not consumed",
)


def _figures(ours: Side, theirs: Side, against: str, notes: tuple[str, str]) -> Iterator[Measurement]:
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        yield Measurement(
            row="events",
            what=f"ghi → phản ứng đã ghi / commit → commit, {name}",
            unit="ms",
            ours=percentile(ours.alone, share) * 1000,
            against=against,
            baseline=percentile(theirs.alone, share) * 1000,
            note=notes[0],
        )
    yield Measurement(
        row="events",
        what=f"sự kiện liền nhau / {MANY:,} events at a stretch",
        unit="/s",
        ours=ours.rate,
        against=against,
        baseline=theirs.rate,
        note=notes[1],
        hops=ours.hops,
    )


def _new_event() -> NewEvent:
    person = uuid4()
    event = PersonChanged(person_id=person, full_name="Đinh Thị Mẫu", email=None)
    return NewEvent(aggregate_id=person, version=1, event=event)


def _commit(database: Database, count: int) -> list[UUID]:
    """So many events in one transaction, through the outbox of the kernel; their aggregates."""
    now, new = datetime.now(UTC), [_new_event() for _ in range(count)]
    origin = Origin(actor=Actor.system("bench"), action="directory:bench", occurred_at=now)
    with database.sessions() as session:
        outbox.append(session, origin, now, new)
        session.commit()
    return [each.aggregate_id for each in new]


def one_at_a_time(stage: Stage, database: Database) -> list[float]:
    """Seconds from each commit to its consumer's."""
    committed: dict[UUID, float] = {}
    seen: dict[UUID, float] = {}
    with stage.database("notify") as connection:
        connection.execute(WATCH)
        connection.execute("listen bench_seen")
        watching = threading.Thread(target=_watch, args=(connection, seen), daemon=True)
        watching.start()
        for _ in range(SINGLE):
            [person] = _commit(database, 1)
            committed[person] = time.perf_counter()
            time.sleep(PAUSE)
        watching.join(WITHIN)
    with stage.database("notify") as connection:
        connection.execute("drop trigger bench_seen on inbox; drop function bench_seen")
    with stage.database("directory") as connection:
        rows = connection.execute(
            "select message_id, aggregate_id from outbox where aggregate_id = any(%s)", (list(committed),)
        ).fetchall()
    taken = [seen[message] - committed[person] for message, person in rows if message in seen]
    assert len(taken) == SINGLE, f"{len(taken)} of {SINGLE} events arrived within {WITHIN} s"
    return taken


def _watch(connection: "psycopg.Connection[Any]", seen: dict[UUID, float]) -> None:
    for notice in connection.notifies(timeout=WITHIN, stop_after=None):
        seen[UUID(notice.payload)] = time.perf_counter()
        if len(seen) >= SINGLE:
            return


def many(stage: Stage, database: Database) -> float:
    """Events a second from the commit of all to the last effect."""
    with stage.database("notify") as connection:
        count = "select count(*) from inbox"
        before = connection.execute(count).fetchone()[0]
        _commit(database, MANY)
        began = time.perf_counter()
        while (arrived := connection.execute(count).fetchone()[0] - before) < MANY:
            assert time.perf_counter() - began < WITHIN, f"{arrived} of {MANY} events within {WITHIN} s"
            time.sleep(0.05)
        return MANY / (time.perf_counter() - began)


class Bare:
    """One producer with confirms and one consumer that acknowledges each message."""

    def __init__(self, uri: str) -> None:
        self.uri, self.name = uri, f"bench-bare-{uuid4().hex[:8]}"
        arguments = {"x-queue-type": "quorum", "x-expires": 120_000}
        exchange = kombu.Exchange("", type="direct")
        self.queue = kombu.Queue(self.name, exchange, self.name, durable=True, queue_arguments=arguments)
        self.arrived: dict[str, float] = {}
        self.stopping = threading.Event()
        self.body = body()

    def consume(self) -> None:
        with kombu.Connection(self.uri) as connection, connection.Consumer(self.queue, callbacks=[self._got]):
            while not self.stopping.is_set():
                try:
                    connection.drain_events(timeout=0.2)
                except TimeoutError:
                    continue

    def _got(self, _body: Any, message: Any) -> None:
        self.arrived[message.properties["message_id"]] = time.perf_counter()
        message.ack()

    def publish(self, producer: kombu.Producer) -> str:
        name = str(uuid4())
        producer.publish(
            self.body,
            routing_key=self.name,
            content_type="application/json",
            content_encoding="utf-8",
            message_id=name,
            delivery_mode=2,
        )
        return name

    def one_at_a_time(self) -> list[float]:
        sent: dict[str, float] = {}
        with self._producer() as producer:
            for _ in range(SINGLE):
                began = time.perf_counter()
                sent[self.publish(producer)] = began
                time.sleep(PAUSE)
        self._wait(len(sent))
        return [self.arrived[name] - began for name, began in sent.items()]

    def many(self) -> float:
        """Publishing alone: a consumer in this process would only slow the producer down."""
        self.stopping.set()
        with self._producer() as producer:
            self.publish(producer)
            began = time.perf_counter()
            for _ in range(MANY):
                self.publish(producer)
            return MANY / (time.perf_counter() - began)

    def _wait(self, count: int) -> None:
        limit = time.perf_counter() + WITHIN
        while len(self.arrived) < count:
            assert time.perf_counter() < limit, f"{len(self.arrived)} of {count} messages"
            time.sleep(0.01)

    @contextmanager
    def _producer(self) -> Iterator[kombu.Producer]:
        with kombu.Connection(self.uri, transport_options={"confirm_publish": True}) as connection:
            yield connection.Producer()


def body() -> bytes:
    """As many bytes as one of our events has on the bus."""
    now, new = datetime.now(UTC), _new_event()
    row = {
        "message_id": uuid4(),
        "topic": new.event.topic,
        "sequence": 1,
        "aggregate_id": new.aggregate_id,
        "version": 1,
        "occurred_at": now,
        "recorded_at": now,
    }
    return wire.encode(outbox.message(row | {"event": wire.dump(new.event)}))


@contextmanager
def _bare(stage: Stage) -> Iterator[Bare]:
    bare = Bare(stage.platform.amqp_uri("admin"))
    consumer = threading.Thread(target=bare.consume, daemon=True)
    with kombu.Connection(bare.uri) as connection:
        bare.queue(connection.default_channel).declare()
    consumer.start()
    try:
        yield bare
    finally:
        bare.stopping.set()
        consumer.join(5)
        with kombu.Connection(bare.uri) as connection:
            bare.queue(connection.default_channel).delete()
