"""Calls: nameko's protocol, read safely, answered with data, and never started after their deadline."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from kombu.message import Message
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, ProviderCollector, SharedExtension

from kernel.base import wire
from kernel.base.errors import Invalid, NotFound
from kernel.bus import names
from kernel.bus.consumer import LOST, RawConsumer, declare
from kernel.bus.incoming import Unreadable, read_request
from kernel.bus.parked import park
from kernel.bus.publisher import Outgoing, publish
from kernel.bus.worker import MEANS
from kernel.work.context import ProcessContext
from kernel.work.handling import answer
from kernel.work.operations import Operation
from kernel.work.request import Request

log = logging.getLogger(__name__)


class CallConsumer(RawConsumer):
    """A connection of its own for calls and their answers.

    A broker short of memory or disk stops reading from who publishes: events must not be held up by that.
    """

    def answer(self, call: Message, answer: Outgoing) -> None:
        """Publish on the channel that the call came by, then acknowledge it there."""
        try:
            publish(call.channel, answer)
        except LOST:
            log.warning("the connection went before the answer: the call comes again")
        else:
            self.ack_message(call)


class CallReader(SharedExtension, ProviderCollector):  # type: ignore[misc]
    """Reads the queue of calls of one service and gives each to its method."""

    consumer = CallConsumer()

    def __init__(self) -> None:
        super().__init__()
        self.methods: dict[str, SafeRpc] = {}
        self.is_reading = True

    def setup(self) -> None:
        self.means: ProcessContext = self.container.config[MEANS]
        self.service = self.container.service_name
        self.queue = names.rpc_queue(self.service, self.means.settings.rpc_queue_type)
        declare(self.means.settings.amqp_uri, names.CallLetters(self.service))
        self.consumer.register_provider(self)

    def register_provider(self, provider: "SafeRpc") -> None:
        # Kept apart from the providers, which leave one by one at a stop: a call that was already
        # delivered must still find its method then.
        self.methods[provider.method_name] = provider
        super().register_provider(provider)

    def stop_reading(self) -> None:
        """Take no further call; whatever is at hand is still answered."""
        if self.is_reading:
            self.is_reading = False
            self.consumer.unregister_provider(self)

    def stop(self) -> None:
        self.stop_reading()
        super().stop()

    def handle_message(self, message: Message) -> None:
        """Parse and dispatch; what nobody waits for is parked, what somebody waits for is refused."""
        try:
            request = read_request(message, self.means.settings.max_message_bytes)
        except Unreadable as why:
            self._refuse_unreadable(message, why)
            return
        method = self.methods.get(request.method)
        if method is None:
            no = NotFound("unknown_method", service=self.service, method=request.method)
            self.reply(message, {"refused": no.as_data()})
        else:
            method.start_worker(message, request)

    def _refuse_unreadable(self, message: Message, why: Unreadable) -> None:
        if message.properties.get("reply_to"):
            no = Invalid("unreadable_call", reason=why.reason, detail=why.detail)
            self.reply(message, {"refused": no.as_data()})
            return
        park(self.means.publishers, self.service, self.queue.name, message, why.reason, why.detail)
        self.consumer.ack_message(message)

    def reply(self, message: Message, result: Any, error: Any = None) -> None:
        """Answer, then ack, on the channel that the call came by.

        The broker takes both in this order or, where the connection is gone, neither: then the call comes
        again and is answered from its claim. So no confirm is waited for. A caller who is gone costs nothing.
        """
        answer_ = Outgoing(
            exchange=names.ANSWERS.name,
            routing_key=message.properties["reply_to"],
            correlation_id=message.properties.get("correlation_id"),
            body=wire.encode({"result": result, "error": error}),
            persistent=False,
            mandatory=False,
        )
        self.consumer.answer(message, answer_)


class SafeRpc(Entrypoint):  # type: ignore[misc]
    """One method of a service, callable over the bus."""

    reader = CallReader()

    def setup(self) -> None:
        self.reader.register_provider(self)

    def stop(self) -> None:
        self.reader.stop_reading()
        self.reader.unregister_provider(self)

    def start_worker(self, message: Message, request: Request) -> None:
        try:
            self.container.spawn_worker(
                self, (request,), {}, handle_result=partial(self.handle_result, message)
            )
        except ContainerBeingKilled:
            self.reader.consumer.requeue_message(message)

    def handle_result(self, message: Message, worker_ctx: Any, result: Any, exc_info: Any) -> Any:
        """Send the answer; of a defect the caller learns its trace id and nothing else."""
        error = None
        if exc_info is not None:
            trace = wire.trace_id((message.headers or {}).get(wire.TRACE)) or "?"
            error = {"exc_type": "Defect", "exc_path": "eiso.Defect", "exc_args": [trace], "value": trace}
        try:
            self.reader.reply(message, result, error)
        except Exception:
            log.exception("the answer could not be sent; the call goes back to its queue")
            self.reader.consumer.requeue_message(message)
        return result, None


def method(operation: Operation) -> Callable[..., Any]:
    """The entry point of one operation."""

    def entrypoint(self: Any, request: Request) -> dict[str, Any]:
        return answer(self.means, operation, request)

    entrypoint.__name__, entrypoint.__doc__ = operation.name, operation.handler.__doc__
    return SafeRpc.decorator(entrypoint)  # type: ignore[no-any-return]
