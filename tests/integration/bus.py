"""Services in this process that listen on the tests' broker, and calls to them as the gateway makes them."""

from typing import Any
from uuid import uuid4

from deploy.local.platform import Platform
from kernel.base import wire
from kernel.bus import names
from kernel.bus.connection import connect
from kernel.bus.publisher import Outgoing, PublisherPool
from kernel.run.process import Process
from tests.integration.waiting import eventually


class Running:
    """One service running in this process."""

    def __init__(self, process: Process) -> None:
        self.process, self.means = process, process.means
        self.database = process.means.database
        self.kind = process.service

    def stop(self) -> None:
        self.process.stop()


def forget_queues(platform: Platform, service: type, tiers: tuple[float, ...]) -> None:
    """Remove what an earlier test left in the service's queues."""
    connection = connect(platform.amqp_uri("admin"))
    queues = [f"rpc-{service.name}"]
    queues += [f"sub-{service.name}.{name}" for name in service.reactions]
    retries = [names.retry_queue(service.name, queue, seconds).name for queue in queues for seconds in tiers]
    letters = [*(f"{queue}.parked" for queue in queues), f"rpc-{service.name}.expired"]
    for queue in [*queues, *retries, *letters]:
        channel = connection.channel()
        channel.queue_delete(queue)
        channel.close()
    connection.close()


class Caller:
    """Calls as the gateway makes them, with the gateway's broker user."""

    def __init__(self, uri: str) -> None:
        self.pool, self.connection = PublisherPool(uri, 1), connect(uri)
        self.channel, key = self.connection.channel(), str(uuid4())
        self.address, self.queue = f"gateway.{key}", f"rpc.reply-gateway-{key}"
        self.channel.queue_declare(
            self.queue, durable=True, auto_delete=False, arguments={"x-expires": 300000}
        )
        self.channel.queue_bind(self.queue, names.ANSWERS.name, self.address)

    def call(
        self, method: str, body: Any, *, token: str | None = None, seconds: float = 15, **headers: str
    ) -> Any:
        """`{"ok": …}` or `{"refused": …}`; a defect raises."""
        correlation_id = self.send(method, body, token=token, seconds=seconds, **headers)
        return self.receive(correlation_id, seconds)

    def send(
        self, method: str, body: Any, *, token: str | None = None, seconds: float = 15, **headers: str
    ) -> str:
        correlation_id = str(uuid4())
        marks = {wire.DEADLINE: wire.deadline_in(seconds), wire.TRACE: wire.new_traceparent()} | headers
        if token:
            marks[wire.SESSION_TOKEN] = token
        self.pool.publish_one(
            Outgoing(
                exchange=names.RPC.name,
                routing_key=method,
                body=wire.encode({"args": [wire.dump(body)], "kwargs": {}}),
                correlation_id=correlation_id,
                reply_to=self.address,
                headers=marks,
            )
        )
        return correlation_id

    def receive(self, correlation_id: str, seconds: float = 15) -> Any:
        def reply() -> Any:
            message = self.channel.basic_get(self.queue, no_ack=True)
            if message and message.properties.get("correlation_id") == correlation_id:
                return wire.decode(message.body)
            return None

        answer = eventually(reply, seconds + 5)
        if answer["error"]:
            raise RuntimeError(f"defect: {answer['error']}")
        return answer["result"]

    def arrived(self, within: float = 20) -> tuple[str, Any]:
        """The next answer, whichever call it is to; a defect raises."""
        message = eventually(lambda: self.channel.basic_get(self.queue, no_ack=True), within)
        answer = wire.decode(message.body)
        if answer["error"]:
            raise RuntimeError(f"defect: {answer['error']}")
        return message.properties["correlation_id"], answer["result"]

    def close(self) -> None:
        self.channel.queue_delete(self.queue)
        self.connection.close()
        self.pool.drain()
