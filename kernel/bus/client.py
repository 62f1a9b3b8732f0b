"""Asking another service, for the few questions a service may put: what it missed, never on a write path."""

from typing import Any, TypeVar
from uuid import uuid4

import eventlet
from kombu import Connection, Queue
from kombu.message import Message

from kernel.base import wire
from kernel.base.errors import Unavailable
from kernel.bus import names
from kernel.bus.publisher import NotConfirmed, Outgoing, PublisherPool

V = TypeVar("V")


class Asking:
    """A reply queue of one's own for a series of questions; use as a context manager."""

    def __init__(self, uri: str, service: str, publishers: PublisherPool, user: str) -> None:
        self.uri, self.publishers, self.user = uri, publishers, user
        key = str(uuid4())
        # Under one's own name: an address learned from a question lets nobody else listen there.
        self.address = f"{service}.{key}"
        arguments = {"x-expires": 300_000}
        name = f"rpc.reply-{service}-{key}"
        self.queue = Queue(name, names.ANSWERS, self.address, durable=True, queue_arguments=arguments)

    def __enter__(self) -> "Asking":
        self.connection = Connection(self.uri)
        self.connection.connect()
        self.channel = self.connection.channel()
        self.bound = self.queue.bind(self.channel)
        self.bound.declare()
        return self

    def __exit__(self, *error: Any) -> None:
        self.bound.delete()
        self.connection.release()

    def ask(self, method: str, question: Any, cls: type[V], seconds: float = 15) -> V:
        """The answer as a `cls`; `Unavailable` when none comes in time."""
        correlation_id = str(uuid4())
        request = Outgoing(
            exchange=names.LOGS.name,
            routing_key=method,
            body=wire.encode({"args": [wire.dump(question)], "kwargs": {}}),
            correlation_id=correlation_id,
            reply_to=self.address,
            headers={wire.DEADLINE: wire.deadline_in(seconds)},
            expiration=str(int(seconds * 1000)),
            user_id=self.user,
        )
        try:
            self.publishers.publish_one(request)
        except NotConfirmed:
            raise Unavailable("service_unavailable", service=method.partition(".")[0]) from None
        late = Unavailable("no_answer_in_time", service=method.partition(".")[0])
        with eventlet.Timeout(seconds, late):
            return wire.load(cls, self._await(correlation_id))

    def _await(self, correlation_id: str) -> Any:
        while True:
            message: Message | None = self.bound.get(no_ack=True, accept=["json"])
            if message is None:
                eventlet.sleep(0.02)
            elif message.properties.get("correlation_id") == correlation_id:
                reply = wire.decode(message.body)
                if not reply["result"] or "ok" not in reply["result"]:
                    raise RuntimeError(f"no answer but {reply}")
                return reply["result"]["ok"]
