"""Calls to services in nameko's RPC protocol, many in flight over one channel, each with a deadline.

A call ends in one of four ways: the service's answer, its refusal, a refusal of ours
(`Unavailable`: no such service now, no answer in time, no broker), or a `Defect`. The promise is
that no command is started after its deadline; what became of one that was never answered is
settled by sending it again with the same `requestId`.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from pika import BasicProperties
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.channel import Channel
from pika.spec import Basic

from gateway.bus.lanes import Lanes, Room
from gateway.bus.link import open_channel, step
from gateway.bus.refused import Defect, Refused
from kernel.base import wire
from kernel.base.errors import Unavailable
from kernel.life import metrics, traces

log = logging.getLogger(__name__)

EXCHANGE, ANSWERS = "nameko-rpc", "eiso-answers"
REPLY_QUEUE_LIVES = 300_000
"""Milliseconds that the reply queue outlives its consumer, so answers survive a short outage."""
PATIENCE = 1.0
"""Seconds a call waits for a connection that is just being made again."""
GRACE = 0.5
"""Seconds past the deadline for the service's own 'took too long' to arrive."""


class Bus:
    """Calls in flight, their answers, and what the broker says about both."""

    def __init__(self, timeout: float = 10.0, room: Room | None = None) -> None:
        self.timeout, self.lanes = timeout, Lanes(room)
        key = str(uuid4())
        # Under the gateway's name: the broker lets nobody else listen at an address learned from a call.
        self.key, self.queue = f"gateway.{key}", f"rpc.reply-gateway-{key}"
        self.waiting: dict[str, asyncio.Future[Any]] = {}
        self.published: dict[int, str] = {}
        self.sent = 0
        self.channel: Channel | None = None
        self.flows = asyncio.Event()

    @property
    def is_ready(self) -> bool:
        """Whether a call would be sent now."""
        return self.flows.is_set()

    async def call(
        self,
        method: str,
        body: Any,
        *,
        token: str | None = None,
        traceparent: str | None = None,
        caller: str = "",
        address: str | None = None,
    ) -> Any:
        """The service's `ok`; raises `Refused` or `Defect`. `caller`: whose turns it takes.

        `address`: where the request came from, for a command that is judged by that.
        """
        begun, outcome = time.perf_counter(), "ok"
        with traces.span(method, traces.Kind.CLIENT, parent=traceparent) as span:
            try:
                headers = self._headers(token, span.traceparent, address)
                async with self.lanes.turn(method.partition(".")[0], caller, self.timeout):
                    return _ok(method, await self._exchange(method, body, headers))
            except Refused as refused:
                outcome = "unavailable" if refused.is_outage else "refused"
                metrics.REFUSED.labels(method, str(refused.data["code"])).inc()
                raise
            except asyncio.CancelledError:
                outcome = "given_up"
                raise
            except BaseException:
                outcome = "defect"
                raise
            finally:
                span.note(outcome=outcome)
                metrics.CALLS.labels(method, outcome).observe(time.perf_counter() - begun)

    # -- the room on the link ------------------------------------------------------------------

    async def attach(self, connection: AsyncioConnection) -> None:
        """Take up the reply queue again and let calls flow."""
        channel = await open_channel(connection)
        channel.add_on_return_callback(self._returned)
        await step(channel, channel.confirm_delivery, ack_nack_callback=self._confirmed)
        arguments = {"x-expires": REPLY_QUEUE_LIVES}
        declare, bind = channel.queue_declare, channel.queue_bind
        await step(channel, declare, queue=self.queue, durable=True, arguments=arguments)
        await step(channel, bind, queue=self.queue, exchange=ANSWERS, routing_key=self.key)
        channel.basic_consume(self.queue, self._answered, auto_ack=True)
        # Without this channel the connection is of no use: end both, and both are made anew.
        channel.add_on_close_callback(lambda *_: connection.is_open and connection.close())
        connection.add_on_connection_blocked_callback(lambda *_: self.flows.clear())
        connection.add_on_connection_unblocked_callback(lambda *_: self.flows.set())
        self.published.clear()
        self.sent = 0
        self.channel = channel
        self.flows.set()

    def detach(self) -> None:
        """Calls in flight stay: their answers may still come through the reply queue."""
        self.flows.clear()
        self.channel = None

    # -- one call ------------------------------------------------------------------------------

    async def _exchange(self, method: str, body: Any, headers: dict[str, str]) -> Any:
        channel = await self._open_channel()
        async with self._answer(method) as (correlation, answer):
            message = wire.encode({"args": [body], "kwargs": {}})
            properties = self._properties(correlation, headers)
            channel.basic_publish(EXCHANGE, method, message, properties, mandatory=True)
            # The broker numbers a channel's messages from 1; its confirms name them so.
            self.sent += 1
            self.published[self.sent] = correlation
            async with asyncio.timeout(self.timeout + GRACE):
                return await answer

    async def _open_channel(self) -> Channel:
        if self.channel is not None and not self.channel.is_open:
            self.detach()  # lost a moment ago, which the link is only about to hear
        try:
            async with asyncio.timeout(PATIENCE):
                await self.flows.wait()
        except TimeoutError:
            raise Refused.because(Unavailable("temporarily_unavailable")) from None
        if self.channel is None:
            raise Refused.because(Unavailable("temporarily_unavailable"))
        return self.channel

    @asynccontextmanager
    async def _answer(self, method: str) -> AsyncIterator[tuple[str, "asyncio.Future[Any]"]]:
        correlation = str(uuid4())
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting[correlation] = answer
        try:
            yield correlation, answer
        except TimeoutError:
            raise Refused.because(
                Unavailable("no_answer_in_time", service=method.partition(".")[0])
            ) from None
        finally:
            self.waiting.pop(correlation, None)

    def _headers(self, token: str | None, traceparent: str | None, address: str | None) -> dict[str, str]:
        headers = {
            wire.DEADLINE: wire.deadline_in(self.timeout),
            wire.TRACE: traceparent,
            wire.SESSION_TOKEN: token,
            wire.ADDRESS: address,
        }
        return {name: value for name, value in headers.items() if value is not None}

    def _properties(self, correlation: str, headers: dict[str, str]) -> BasicProperties:
        return BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
            reply_to=self.key,
            correlation_id=correlation,
            expiration=str(int(self.timeout * 1000)),
            headers=headers,
        )

    # -- what the broker says ------------------------------------------------------------------

    def _answered(self, _channel: Channel, _deliver: Any, properties: BasicProperties, body: bytes) -> None:
        answer = self.waiting.get(properties.correlation_id)
        if answer and not answer.done():
            answer.set_result(body)

    def _returned(self, _channel: Channel, method: Any, properties: BasicProperties, _body: bytes) -> None:
        service = method.routing_key.partition(".")[0]
        self._refuse(properties.correlation_id, "service_unavailable", service=service)

    def _confirmed(self, frame: Any) -> None:
        said = frame.method
        upto = [tag for tag in self.published if tag < said.delivery_tag] if said.multiple else []
        for tag in (*upto, said.delivery_tag):
            correlation = self.published.pop(tag, None)
            if isinstance(said, Basic.Nack) and correlation:
                self._refuse(correlation, "temporarily_unavailable")

    def _refuse(self, correlation: str, code: str, **facts: Any) -> None:
        answer = self.waiting.get(correlation)
        if answer and not answer.done():
            answer.set_exception(Refused.because(Unavailable(code, **facts)))


def _ok(method: str, body: bytes) -> Any:
    """What is inside a nameko answer: the result, else a refusal or a defect is raised."""
    answer = wire.decode(body)
    if answer.get("error"):
        raise Defect(f"{method}: {answer['error'].get('exc_type')}: {answer['error'].get('value')}")
    result = answer.get("result")
    if not isinstance(result, dict) or not result.keys() & {"ok", "refused"}:
        raise Defect(f"{method} answered neither ok nor refused")
    if "refused" in result:
        raise Refused(result["refused"])
    return result["ok"]
