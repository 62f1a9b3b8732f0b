"""Calls that nobody took in time, on a real broker: counted, never parked, while what is wrong still is."""

from uuid import uuid4

import pytest

from kernel.bus import names
from kernel.bus.connection import connect
from kernel.bus.consumer import declare
from kernel.bus.publisher import Outgoing
from kernel.life import metrics
from kernel.run.sampler import Sampler
from tests.integration.kernel.ledger import DocumentsService

QUEUE = "rpc-documents"


@pytest.fixture
def admin(servers):
    with connect(servers.amqp_uri("admin")) as connection:
        yield connection


def count(admin, queue):
    return admin.channel().queue_declare(queue, passive=True).message_count


def a_call(**changes):
    given = {"exchange": names.RPC.name, "routing_key": "documents.balance", "body": b"{}"}
    return Outgoing(**given | {"reply_to": str(uuid4()), "expiration": "50"} | changes)


def counted() -> float:
    return metrics.REGISTRY.get_sample_value("eiso_calls_expired_total", {"queue": QUEUE}) or 0


def test_calls_that_nobody_took_in_time_are_counted_and_not_parked(
    ledger_running, means, rpc, admin, eventually
):
    ledger_running("rpc", "reactions").stop()
    before, sampler = counted(), Sampler(means, DocumentsService)
    _, measure = sampler.parts["queues"]
    for _ in range(7):
        rpc.pool.publish_one(a_call())
    eventually(lambda: (measure(), counted() - before)[1] == 7)
    assert [count(admin, f"{QUEUE}{end}") for end in ("", ".parked", ".expired")] == [0, 0, 0]


def test_a_call_that_ends_its_reader_again_and_again_is_still_parked(
    ledger_running, means, rpc, admin, eventually
):
    ledger_running("rpc").stop()
    rpc.pool.publish_one(a_call(expiration="60000"))
    channel = admin.channel()
    for _ in range(names.DELIVERIES + 1):
        message = eventually(lambda: channel.basic_get(QUEUE))
        channel.basic_reject(message.delivery_tag, requeue=True)
    parked = eventually(lambda: channel.basic_get(f"{QUEUE}.parked"))
    assert parked.headers["x-first-death-reason"] == "delivery_limit"
    channel.basic_ack(parked.delivery_tag)


def test_an_installation_from_before_parks_no_more_expired_calls(
    ledger_running, means, servers, rpc, admin, eventually
):
    # What the code before this one declared: the dead letters' key led straight to the parked queue.
    declare(
        servers.amqp_uri("documents"),
        names.parked_queue("documents", QUEUE),
        names.rpc_queue("documents", "quorum"),
    )
    rpc.pool.publish_one(a_call())
    eventually(lambda: count(admin, f"{QUEUE}.parked") == 1)
    ledger_running("rpc").stop()
    rpc.pool.publish_one(a_call())
    eventually(lambda: count(admin, f"{QUEUE}.expired") == 1)
    assert count(admin, f"{QUEUE}.parked") == 1, "what was parked before stays"
    for end in ("parked", "expired"):
        admin.channel().queue_purge(f"{QUEUE}.{end}")
