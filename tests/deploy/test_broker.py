"""On the real broker: what a user may do works, what they may not is refused."""

from uuid import uuid4

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker, ProbableAccessDeniedError, ProbableAuthenticationError

REFUSED = 403


@pytest.fixture
def channel_of(platform):
    """Open a channel as one of the broker's users."""
    opened = []

    def open_channel(user: str, vhost: str = "eiso"):
        connection = pika.BlockingConnection(pika.URLParameters(platform.amqp_uri(user, vhost)))
        opened.append(connection)
        return connection.channel()

    yield open_channel
    for connection in opened:
        if connection.is_open:
            connection.close()


def refused(act, *arguments, **named) -> bool:
    """Whether the broker closed the channel with ACCESS_REFUSED."""
    with pytest.raises(ChannelClosedByBroker) as closed:
        act(*arguments, **named)
    return closed.value.reply_code == REFUSED


def test_a_call_reaches_its_service_and_the_answer_comes_back(channel_of):
    service, gateway, key = channel_of("documents", "eiso-4"), channel_of("gateway", "eiso-4"), str(uuid4())
    service.queue_declare("rpc-documents", durable=True, arguments={"x-queue-type": "quorum"})
    service.queue_bind("rpc-documents", "nameko-rpc", "documents.*")
    reply, address = f"rpc.reply-gateway-{key}", f"gateway.{key}"
    gateway.queue_declare(reply, exclusive=True)
    gateway.queue_bind(reply, "eiso-answers", address)
    gateway.confirm_delivery()
    gateway.basic_publish("nameko-rpc", "documents.list_documents", b"{}", mandatory=True)
    method, _, body = next(service.consume("rpc-documents", inactivity_timeout=5))
    assert body == b"{}"
    service.basic_ack(method.delivery_tag)
    service.confirm_delivery()
    service.basic_publish("eiso-answers", address, b"answer", mandatory=True)
    assert next(gateway.consume(reply, inactivity_timeout=5))[2] == b"answer"


def test_an_event_reaches_a_subscriber_that_does_not_declare_its_exchange(channel_of):
    documents, notify = channel_of("documents", "eiso-4"), channel_of("notify", "eiso-4")
    queue = "sub-notify.tell_readers"
    notify.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    notify.queue_bind(queue, "documents.events", "documents.revision_issued.v1")
    documents.confirm_delivery()
    documents.basic_publish("documents.events", "documents.revision_issued.v1", b"event", mandatory=True)
    method, _, body = next(notify.consume(queue, inactivity_timeout=5))
    assert body == b"event"
    notify.basic_ack(method.delivery_tag)


def test_a_question_for_missed_events_reaches_the_log_and_no_other_method(channel_of):
    directory, notify = channel_of("directory", "eiso-4"), channel_of("notify", "eiso-4")
    directory.queue_declare("rpc-directory", durable=True, arguments={"x-queue-type": "quorum"})
    directory.queue_bind("rpc-directory", "eiso-logs", "directory.events_after")
    notify.confirm_delivery()
    notify.basic_publish("eiso-logs", "directory.events_after", b"{}", mandatory=True)
    method, _, body = next(directory.consume("rpc-directory", inactivity_timeout=5))
    assert body == b"{}"
    directory.basic_ack(method.delivery_tag)


@pytest.fixture
def parked(channel_of):
    """A queue of the documents service with nothing in it."""
    name, channel = f"sub-documents.test-{uuid4()}.parked", channel_of("documents")
    channel.queue_declare(name, durable=True, arguments={"x-queue-type": "quorum"})
    yield name
    channel.queue_delete(name)


def test_the_gateway_may_not_read_a_services_queue(channel_of, parked):
    assert refused(channel_of("gateway").basic_get, parked)


def test_operators_see_any_queues_depth(channel_of, parked):
    assert channel_of("ops").queue_declare(parked, passive=True).method.message_count == 0


def test_a_wrong_password_and_the_default_user_are_refused(platform):
    for account in ("documents:wrong", "guest:guest"):
        address = f"amqp://{account}@127.0.0.1:{platform.ports['amqp']}/eiso"
        with pytest.raises((ProbableAuthenticationError, ProbableAccessDeniedError)):
            pika.BlockingConnection(pika.URLParameters(address))
