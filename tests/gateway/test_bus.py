"""The client of the bus on a real broker: `EISO_TEST_AMQP_URI` names one, else these are skipped."""

import asyncio
import json
import os
import threading
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pika
import pytest

from contracts.notify.events import NoticePosted
from gateway.bus.client import Bus
from gateway.bus.link import Link
from gateway.bus.listening import EXCHANGE, NoticeQueue
from gateway.bus.live import Feeds
from gateway.bus.refused import Defect, Refused
from kernel.base import wire
from tests.gateway.fakes import a_notice

URI = os.environ.get("EISO_TEST_AMQP_URI")
pytestmark = pytest.mark.skipif(not URI, reason="EISO_TEST_AMQP_URI names no broker")


class Responder:
    """A service in a thread of its own that speaks nameko's protocol with pika."""

    def __init__(self) -> None:
        self.name = f"probe{uuid4().hex[:8]}"
        self.seen: list[tuple[pika.BasicProperties, dict]] = []
        self.up = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        assert self.up.wait(10)
        return self

    def __exit__(self, *_):
        self.connection.add_callback_threadsafe(self.channel.stop_consuming)
        self.thread.join(10)

    def _serve(self) -> None:
        self.connection = pika.BlockingConnection(pika.URLParameters(URI))
        self.channel = self.connection.channel()
        for exchange in ("nameko-rpc", "eiso-answers"):
            self.channel.exchange_declare(exchange, "topic", durable=True)
        queue = f"rpc-{self.name}"
        self.channel.queue_declare(queue, auto_delete=True)
        self.channel.queue_bind(queue, "nameko-rpc", f"{self.name}.*")
        self.channel.basic_consume(queue, self._answer, auto_ack=True)
        self.up.set()
        self.channel.start_consuming()
        self.connection.close()

    def _answer(self, channel, method, properties, body) -> None:
        message = json.loads(body)
        self.seen.append((properties, message))
        answer = getattr(self, method.routing_key.partition(".")[2])(*message["args"])
        if answer is not None:
            said = pika.BasicProperties(correlation_id=properties.correlation_id)
            channel.basic_publish("eiso-answers", properties.reply_to, json.dumps(answer), said)

    def echo(self, body):
        return {"result": {"ok": body}, "error": None}

    def refuse(self, _body):
        words = {"vi": "không", "en": "no"}
        said = {"kind": "Conflict", "code": "no", "message": words, "remedy": None, "field": "x"}
        return {"result": {"refused": said}, "error": None}

    def fail(self, _body):
        return {"result": None, "error": {"exc_type": "KeyError", "value": "secret"}}

    def babble(self, _body):
        return {"result": 7, "error": None}

    def ignore(self, _body):
        return None


class Wire:
    """A TCP connection to the broker that can be cut, and refused until mended."""

    def __init__(self) -> None:
        self.is_cut, self.pipes = False, set()

    async def start(self) -> str:
        self.target = urlsplit(URI)
        self.server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        user = f"{self.target.username}:{self.target.password}"
        return urlunsplit(self.target._replace(netloc=f"{user}@127.0.0.1:{port}"))

    def cut(self) -> None:
        self.is_cut = True
        for writer in self.pipes:
            writer.transport.abort()

    def mend(self) -> None:
        self.is_cut = False

    async def _join(self, reader, writer) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        far, near = await asyncio.open_connection(self.target.hostname, self.target.port)
        self.pipes |= {writer, near}
        await asyncio.gather(_pipe(reader, near), _pipe(far, writer), return_exceptions=True)
        self.pipes -= {writer, near}


async def _pipe(reader, writer) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def eventually(holds, within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def a_bus(uri: str | None = None, timeout: float = 5, **rooms):
    bus = Bus(timeout)
    link = Link(uri or URI, bus, *rooms.values())
    link.start()
    try:
        yield bus
    finally:
        await link.stop()


async def test_an_answer_comes_back_and_the_call_carries_what_the_service_needs():
    with Responder() as service:
        async with a_bus() as bus:
            trace = wire.new_traceparent()
            body = {"text": "Quy trình"}
            answer = await bus.call(f"{service.name}.echo", body, token="g", traceparent=trace)
    assert answer == body
    [(properties, message)] = service.seen
    assert message == {"args": [body], "kwargs": {}}
    assert properties.headers[wire.SESSION_TOKEN] == "g"
    assert properties.headers[wire.TRACE] == trace
    assert 0 < wire.seconds_left(properties.headers[wire.DEADLINE]) <= 5
    assert properties.expiration == "5000"
    assert (properties.content_type, properties.delivery_mode) == ("application/json", 2)


async def test_many_calls_in_flight_each_get_their_own_answer():
    with Responder() as service:
        async with a_bus() as bus:
            calls = [bus.call(f"{service.name}.echo", {"n": n}) for n in range(200)]
            answers = await asyncio.gather(*calls)
            await eventually(lambda: not bus.published)
    assert answers == [{"n": n} for n in range(200)]
    assert bus.waiting == {}


async def test_a_refusal_is_raised_with_its_words_and_a_defect_apart_from_it():
    with Responder() as service:
        async with a_bus() as bus:
            with pytest.raises(Refused) as refused:
                await bus.call(f"{service.name}.refuse", {})
            with pytest.raises(Defect, match="KeyError"):
                await bus.call(f"{service.name}.fail", {})
            with pytest.raises(Defect, match="neither ok nor refused"):
                await bus.call(f"{service.name}.babble", {})
    assert refused.value.data["field"] == "x"


async def test_a_service_that_is_not_there_is_known_at_once():
    async with a_bus(timeout=30) as bus, asyncio.timeout(5):
        with pytest.raises(Refused, match="service_unavailable"):
            await bus.call("nobody.home", {})


async def test_without_an_answer_the_outcome_is_unknown_and_said_to_be():
    with Responder() as service:
        async with a_bus(timeout=0.3) as bus:
            with pytest.raises(Refused) as refused:
                await bus.call(f"{service.name}.ignore", {})
    assert refused.value.data["code"] == "no_answer_in_time"
    assert "requestId" in refused.value.data["remedy"]["en"]
    assert bus.waiting == {}


async def test_a_lost_connection_is_made_again_and_calls_flow():
    cable = Wire()
    with Responder() as service:
        async with a_bus(await cable.start()) as bus:
            await bus.call(f"{service.name}.echo", {})
            cable.cut()
            await eventually(lambda: not bus.is_ready)
            with pytest.raises(Refused, match="temporarily_unavailable"):
                await bus.call(f"{service.name}.echo", {})
            cable.mend()
            await eventually(lambda: bus.is_ready)
            assert await bus.call(f"{service.name}.echo", {"n": 1}) == {"n": 1}


async def test_an_answer_given_while_the_connection_was_lost_still_arrives():
    cable = Wire()
    asked, may_answer = threading.Event(), threading.Event()

    class Slow(Responder):
        def echo(self, body):
            asked.set()
            may_answer.wait(10)
            return super().echo(body)

    with Slow() as service:
        async with a_bus(await cable.start(), timeout=10) as bus:
            await eventually(lambda: bus.is_ready)
            call = asyncio.create_task(bus.call(f"{service.name}.echo", {"n": 2}))
            await eventually(asked.is_set)
            cable.cut()
            await eventually(lambda: not bus.is_ready)
            may_answer.set()
            cable.mend()
            assert await call == {"n": 2}


async def test_a_client_that_goes_away_leaves_no_call_behind():
    with Responder() as service:
        async with a_bus() as bus:
            call = asyncio.create_task(bus.call(f"{service.name}.ignore", {}))
            await eventually(lambda: bus.waiting)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            assert bus.waiting == {}


async def test_a_broker_that_was_never_there_refuses_quickly():
    async with a_bus("amqp://nobody:x@127.0.0.1:9/none") as bus, asyncio.timeout(3):
        with pytest.raises(Refused, match="temporarily_unavailable"):
            await bus.call("directory.clock", {})


def publish(body: bytes) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(URI))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    channel.basic_publish(EXCHANGE, NoticePosted.topic, body, mandatory=True)
    connection.close()


async def test_notices_on_the_bus_reach_listeners_and_a_lost_connection_makes_them_look():
    notice = a_notice(9, person_id=uuid4())
    said = wire.dump(notice) | {"notice_id": str(notice.id)}
    said = {name: value for name, value in said.items() if name not in ("id", "read_at")}
    cable, feeds = Wire(), Feeds()
    with feeds.listen(notice.person_id) as feed:
        async with a_bus(await cable.start(), notices=NoticeQueue(feeds)):
            async with asyncio.timeout(10):
                assert await feed.take() == ([], True)
            await asyncio.to_thread(publish, b"not even JSON")
            await asyncio.to_thread(publish, wire.encode({"envelope": {}, "event": said}))
            async with asyncio.timeout(10):
                assert await feed.take() == ([notice], False)
            cable.cut()
            cable.mend()
            async with asyncio.timeout(10):
                assert await feed.take() == ([], True)
