"""Reading what arrives: raw bytes become a request or an event, or a reason to park the message."""

from collections.abc import Mapping
from typing import Any

from kombu.message import Message

from contracts.base import EVENTS, Envelope, Event
from kernel.base import wire
from kernel.base.errors import Refusal
from kernel.work.request import Request

PROPERTIES = "eiso-unreadable-properties"
"""Among a message's properties, why they could not be read, in place of all of them."""


class Unreadable(Exception):
    """The message can never be understood; `reason` is a code for the operator."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


def read_body(message: Message, limit: int) -> Any:
    """The JSON of a message, never anything that could run code."""
    size = len(message.body)
    if size > limit:
        raise Unreadable("message_too_large", f"{size} bytes, at most {limit}")
    if message.content_type != "application/json":
        raise Unreadable("content_type_not_json", str(message.content_type))
    try:
        return wire.decode(message.body)
    except Refusal as error:
        raise Unreadable(error.code, str(error.facts.get("detail", ""))) from None


def read_request(message: Message, limit: int) -> Request:
    """A nameko call; what the caller can still be answered is refused later."""
    _check_properties(message)
    if not message.properties.get("reply_to"):
        raise Unreadable("no_reply_to")
    headers = message.headers or {}
    body = read_body(message, limit)
    arguments = body.get("args") if isinstance(body, dict) else None
    if not isinstance(arguments, list) or len(arguments) != 1 or body.get("kwargs"):
        raise Unreadable("not_a_call", "one argument expected in args, none in kwargs")
    return Request(
        method=message.delivery_info["routing_key"].rpartition(".")[2],
        body=arguments[0],
        token=_text(headers, wire.SESSION_TOKEN),
        deadline=_text(headers, wire.DEADLINE),
        traceparent=_text(headers, wire.TRACE),
        user_id=message.properties.get("user_id"),
        address=_text(headers, wire.ADDRESS),
    )


def _check_properties(message: Message) -> None:
    if why := message.properties.get(PROPERTIES):
        raise Unreadable("properties_unreadable", why)


def _text(headers: Mapping[str, Any], name: str) -> str | None:
    """A header of ours; AMQP lets a sender put a number or a table in its place."""
    value = headers.get(name)
    if value is not None and not isinstance(value, str):
        raise Unreadable("header_not_text", name)
    return value


def traceparent_of(message: Message) -> str | None:
    """The span that published the message, where one says so; what is none is passed over."""
    given = (message.headers or {}).get(wire.TRACE)
    return given if isinstance(given, str) and wire.trace_id(given) else None


def read_event(message: Message, topic: str, limit: int) -> tuple[Envelope, Event]:
    """An event of the topic that the queue was bound for."""
    _check_properties(message)
    return parse_event(read_body(message, limit), topic)


def parse_event(body: Any, topic: str) -> tuple[Envelope, Event]:
    """`{"envelope": …, "event": …}` as contracts; unknown fields of a newer sender are passed over."""
    if not isinstance(body, dict) or not {"envelope", "event"} <= body.keys():
        raise Unreadable("not_an_event", "envelope and event expected")
    try:
        envelope = wire.load(Envelope, body["envelope"])
        if envelope.topic not in EVENTS:
            raise Unreadable("unknown_topic", envelope.topic)
        if envelope.topic != topic:
            raise Unreadable("wrong_topic", f"{envelope.topic} in the queue of {topic}")
        return envelope, wire.load(EVENTS[topic], body["event"])
    except Refusal as error:
        raise Unreadable("breaks_contract", f"{error.field}: {error.message.en}") from None
