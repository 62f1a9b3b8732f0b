"""Bad messages from a broker user who may send: refused in words, or parked with the reason; never harm."""

import json
import os
import pickle
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pika
import pytest
from pika import BasicProperties
from pika.exceptions import ChannelClosedByBroker, UnroutableError

from kernel.base import wire
from tests.e2e.asking import LETTERS
from tests.e2e.conftest import DEPARTMENT

pytestmark = pytest.mark.usefixtures("unharmed")

CALLS, ANSWERS = "nameko-rpc", "eiso-answers"
PARKED = "rpc-documents.parked"


@dataclass
class Sender:
    """One broker user's blocking connection, with a reply queue where that user may have one."""

    connection: pika.BlockingConnection
    address: str = field(default_factory=lambda: f"gateway.{uuid4()}")

    def __post_init__(self) -> None:
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.queue = f"rpc.reply-{self.address.replace('.', '-', 1)}"

    def listen(self) -> "Sender":
        self.channel.queue_declare(self.queue, durable=True, arguments={"x-expires": 60_000})
        self.channel.queue_bind(self.queue, ANSWERS, self.address)
        return self

    def send(self, body: bytes, key: str = "documents.create_document", **properties: Any) -> None:
        given = {"content_type": "application/json", "correlation_id": "1", **properties}
        self.channel.basic_publish(CALLS, key, body, BasicProperties(**given), mandatory=True)

    def ask(self, body: bytes, key: str = "documents.create_document", **properties: Any) -> Any:
        """The answer to a call with this body."""
        self.send(body, key, reply_to=self.address, **properties)
        answer = json.loads(self.take(self.queue)[1])
        assert answer["error"] is None, "a defect"
        return answer["result"]

    def take(self, queue: str, seconds: float = 10) -> Any:
        """Properties and bytes of the next message of a queue, which it is removed from."""
        limit = time.monotonic() + seconds
        while True:
            method, properties, body = self.channel.basic_get(queue, auto_ack=True)
            if method is not None:
                return properties, body
            assert time.monotonic() < limit, f"nothing in {queue}"
            self.connection.sleep(0.05)


@pytest.fixture
def a_sender(platform):
    """`a_sender("gateway")`: that broker user, with no more rights than it has."""
    made = []

    def connect(user: str) -> Sender:
        made.append(pika.BlockingConnection(pika.URLParameters(platform.amqp_uri(user))))
        return Sender(made[-1])

    yield connect
    for connection in made:
        if connection.is_open:
            connection.close()


@pytest.fixture
def gateway(a_sender):
    return a_sender("gateway").listen()


@pytest.fixture
def admin(a_sender):
    return a_sender("admin")


@pytest.fixture
async def token(sign_in):
    return (await sign_in(DEPARTMENT, "secretary")).token


def a_call(argument: Any) -> bytes:
    return json.dumps({"args": [argument], "kwargs": {}}).encode()


class Bomb:
    """Says so if anybody ever unpickles it."""

    def __init__(self, path: Any) -> None:
        self.path = str(path)

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


async def test_a_pickle_is_refused_and_never_opened(gateway, tmp_path):
    body = pickle.dumps(Bomb(tmp_path / "opened"))
    no = gateway.ask(body, content_type="application/x-python-serialize")["refused"]
    assert no["code"] == "unreadable_call"
    assert "content_type_not_json" in no["message"]["vi"]
    no = gateway.ask(body)["refused"]
    assert "not_json" in no["message"]["vi"]
    assert not (tmp_path / "opened").exists()


UNREADABLE = {
    "no JSON": (b"{nonsense", "not_json"),
    "no UTF-8": (b'{"args": ["\xff"], "kwargs": {}}', "not_json"),
    "nothing": (b"", "not_json"),
    "another shape": (b'{"hello": 1}', "not_a_call"),
    "two arguments": (b'{"args": [{}, {}], "kwargs": {}}', "not_a_call"),
    "named arguments": (b'{"args": [{}], "kwargs": {"a": 1}}', "not_a_call"),
    "too deep": (b'{"args": [' + b"[" * 100_000 + b"]" * 100_000 + b'], "kwargs": {}}', "json_too_deep"),
    "2 MB": (b'{"args": [{"title": "' + b"x" * 2_000_000 + b'"}], "kwargs": {}}', "message_too_large"),
}


@pytest.mark.parametrize(("body", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_what_cannot_be_read_is_refused_with_its_reason(gateway, body, reason):
    no = gateway.ask(body)["refused"]
    assert (no["kind"], no["code"]) == ("Invalid", "unreadable_call")
    assert reason in no["message"]["vi"]
    assert LETTERS & set(no["message"]["vi"])
    assert no["message"]["en"]
    assert no["remedy"]["vi"]
    assert no["remedy"]["en"]


@pytest.mark.parametrize(("body", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_what_nobody_waits_for_is_parked_whole_with_its_reason(gateway, admin, body, reason):
    gateway.send(body)
    properties, parked = admin.take(PARKED)
    assert parked == body
    assert properties.headers["eiso-reason"] == "no_reply_to"
    assert properties.headers["eiso-queue"] == "rpc-documents"
    assert properties.headers["eiso-parked-at"]


@pytest.mark.parametrize("name", [wire.SESSION_TOKEN, wire.DEADLINE, wire.TRACE])
@pytest.mark.parametrize("value", [7, True, ["a"], {"a": {"b": 1}}], ids=repr)
async def test_a_header_that_is_no_text_is_refused(gateway, name, value):
    no = gateway.ask(a_call({}), headers={name: value})["refused"]
    assert name in no["message"]["en"]


@pytest.mark.parametrize("deadline", ["²", "9" * 400, "-1", "soon", ""])
async def test_a_deadline_that_is_no_moment_is_none(gateway, deadline):
    no = gateway.ask(a_call({}), headers={wire.DEADLINE: deadline})["refused"]
    assert no["code"] == "not_signed_in", "read on, and refused for another reason"


WRONG = {
    "no object": ("hello", None, "wrong_type"),
    "nothing": ({}, "requestId", "field_missing"),
    "a number for a UUID": ({"request_id": 7}, "requestId", "wrong_type"),
    "deep inside": ({"request_id": str(uuid4()), "agency_id": [[[[]]]]}, "agencyId", "wrong_type"),
    "a NUL": ({"request_id": str(uuid4()), "title": "a\0"}, "title", "forbidden_character"),
}


@pytest.mark.parametrize(("argument", "field", "code"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_type_names_the_field(gateway, token, argument, field, code):
    no = gateway.ask(a_call(argument), headers={wire.SESSION_TOKEN: token})["refused"]
    assert (no["field"], no["code"]) == (field, code)
    assert no["remedy"]["vi"]


@pytest.mark.parametrize("method", ["create_document_anew", "__init__", "means"])
async def test_a_method_that_is_not_there_is_answered(gateway, method):
    no = gateway.ask(a_call({}), f"documents.{method}")["refused"]
    assert (no["kind"], no["code"]) == ("NotFound", "unknown_method")
    assert no["remedy"]["vi"]


@pytest.mark.parametrize("key", ["documents.create_document.v2", "documents.", "documents", "#", ""])
async def test_what_is_no_method_s_name_does_not_get_past_the_broker(gateway, key):
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        gateway.send(a_call({}), key)


async def test_a_service_that_is_not_there_takes_nothing(gateway):
    with pytest.raises(UnroutableError):
        gateway.send(a_call({}), "archive.open_file")


async def test_twenty_megabytes_do_not_get_past_the_broker(gateway, a_sender):
    with pytest.raises(ChannelClosedByBroker, match="larger than"):
        gateway.send(b" " * 20_000_000)
    no = a_sender("gateway").listen().ask(a_call({}))["refused"]
    assert no["code"] == "not_signed_in", "the next message is heard"


async def test_an_answer_cannot_be_sent_where_it_would_become_a_call(gateway, admin):
    """Answers go where no queue of calls listens: the service hears the next call as if nothing had been."""
    gateway.send(a_call({}), reply_to="directory.create_agency")
    assert gateway.ask(a_call({}))["refused"]["code"] == "not_signed_in"
    for parked in (PARKED, "rpc-directory.parked"):
        assert admin.channel.queue_declare(parked, passive=True).method.message_count == 0


NO_TEXT = {
    "correlation_id": {"correlation_id": b"\xff\xfe"},
    "reply_to": {"reply_to": b"\xff"},
    "content_type": {"content_type": b"\xff"},
}


@pytest.mark.parametrize("properties", NO_TEXT.values(), ids=NO_TEXT.keys())
async def test_properties_that_cannot_be_read_are_a_reason_to_park(gateway, admin, properties):
    """One such message would else end every connection that reads it, and the process with it."""
    gateway.send(a_call({"a": 1}), **{"reply_to": gateway.address, **properties})
    parked, body = admin.take(PARKED)
    assert parked.headers["eiso-reason"] == "properties_unreadable"
    assert body == a_call({"a": 1})
    no = gateway.ask(a_call({}))["refused"]
    assert no["code"] == "not_signed_in", "the next message is heard"


async def test_nobody_but_the_documents_service_publishes_its_events(gateway):
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        gateway.channel.basic_publish("documents.events", "documents.revision_issued.v1", b"{}")


def an_event(topic: str, **event: Any) -> bytes:
    now = "2026-08-10T01:00:00Z"
    envelope = {"message_id": str(uuid4()), "topic": topic, "sequence": 1, "aggregate_id": str(uuid4())}
    envelope |= {"version": 1, "occurred_at": now, "recorded_at": now}
    return json.dumps({"envelope": envelope, "event": event}).encode()


ISSUED = "documents.revision_issued.v1"
EVENTS = {
    "no JSON": (b"{", "application/json", "not_json"),
    "a pickle": (pickle.dumps({}), "application/x-python-serialize", "content_type_not_json"),
    "another shape": (b'"issued"', "application/json", "not_an_event"),
    "an unknown version": (an_event("documents.revision_issued.v99"), "application/json", "unknown_topic"),
    "another topic": (an_event("documents.revision_submitted.v1"), "application/json", "wrong_topic"),
    "wrong types": (an_event(ISSUED, document_id=7), "application/json", "breaks_contract"),
    "2 MB": (b'"' + b"x" * 2_000_000 + b'"', "application/json", "message_too_large"),
}


@pytest.mark.parametrize(("body", "kind", "reason"), EVENTS.values(), ids=EVENTS.keys())
async def test_a_bad_event_is_parked_whole_with_its_reason(a_sender, admin, body, kind, reason):
    documents = a_sender("documents")
    documents.channel.basic_publish(
        "documents.events", ISSUED, body, BasicProperties(content_type=kind), mandatory=True
    )
    properties, parked = admin.take("sub-notify.tell_issued.parked")
    assert parked == body
    assert properties.headers["eiso-reason"] == reason
    assert properties.headers["eiso-queue"] == "sub-notify.tell_issued"
