"""A call through the bus with 16 in flight, beside request and reply by bare pika on the same broker.

The question is the smallest a service answers: it verifies the caller, opens a read-only transaction
and answers from data in memory. The bare peer does nothing at all but send back what it got.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

from pika import BasicProperties, URLParameters
from pika.adapters.asyncio_connection import AsyncioConnection

from bench.hops import Hops
from bench.pace import Pace, at_once
from bench.report import Measurement
from bench.stage import Stage
from gateway.bus.link import open_channel, step

IN_FLIGHT, SECONDS = 16, 5.0
ROOT = Path(__file__).parents[2]


def run(stage: Stage) -> Iterator[Measurement]:
    hops = Hops(stage)
    ours = asyncio.run(_ours(stage))
    budget = hops.each(ours.done)
    for kind in ("classic", "quorum"):
        with _echo(stage, kind) as queue:
            bare = asyncio.run(_bare(stage, queue, lasting=kind == "quorum"))
        yield Measurement(
            row="rpc",
            what=f"{IN_FLIGHT} cùng lúc / in flight",
            unit="/s",
            ours=ours.per_second,
            against=f"bare pika, {kind} queue",
            baseline=bare.per_second,
            note=_latency(ours, bare),
            hops=budget,
        )


def _latency(ours: Pace, bare: Pace) -> str:
    p50, p99 = ours.milliseconds(0.5), ours.milliseconds(0.99)
    return (
        f"p50/p99 {p50:.0f}/{p99:.0f} ms, bare {bare.milliseconds(0.5):.0f}/{bare.milliseconds(0.99):.0f} ms"
    )


async def _ours(stage: Stage) -> Pace:
    token = stage.token("iso_secretary", agency=stage.root())
    async with stage.bus() as bus:
        return await at_once(IN_FLIGHT, SECONDS, lambda: bus.call("audits.frameworks", {}, token=token))


@contextmanager
def _echo(stage: Stage, kind: str) -> Iterator[str]:
    queue = f"bench-echo-{uuid4().hex[:8]}"
    command = [sys.executable, "-m", "bench.peer_echo", stage.platform.amqp_uri("admin"), queue, kind]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert server.stdout.readline().strip() == "ready"
        yield queue
    finally:
        server.kill()
        server.wait()


async def _bare(stage: Stage, queue: str, *, lasting: bool) -> Pace:
    async with _connected(stage.platform.amqp_uri("admin")) as connection:
        channel = await open_channel(connection)
        answered: dict[str, asyncio.Future[bytes]] = {}
        declared = await step(channel, channel.queue_declare, queue="", exclusive=True)
        replies = declared.method.queue

        def arrived(_channel, _deliver, properties, body):
            answered.pop(properties.correlation_id).set_result(body)

        channel.basic_consume(replies, arrived, auto_ack=True)

        async def call() -> None:
            name = str(uuid4())
            answered[name] = answer = asyncio.get_running_loop().create_future()
            mode = 2 if lasting else 1
            sent = BasicProperties(reply_to=replies, correlation_id=name, delivery_mode=mode)
            channel.basic_publish("", queue, b'{"args": [{}], "kwargs": {}}', sent)
            await answer

        return await at_once(IN_FLIGHT, SECONDS, call)


@asynccontextmanager
async def _connected(uri: str) -> AsyncIterator[AsyncioConnection]:
    opened = asyncio.get_running_loop().create_future()
    closed = asyncio.get_running_loop().create_future()
    connection = AsyncioConnection(
        URLParameters(uri),
        on_open_callback=opened.set_result,
        on_open_error_callback=lambda _, error: opened.set_exception(error),
        on_close_callback=lambda *_: closed.done() or closed.set_result(None),
    )
    await asyncio.wait_for(opened, 10)
    try:
        yield connection
    finally:
        connection.close()
        await asyncio.wait_for(closed, 10)
