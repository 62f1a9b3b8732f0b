"""Bad messages among good ones: the good have their effect, the bad are parked once each, nobody dies.

EISO_PROOF=1 makes it 1,000 bad among 10,000 good.
"""

import asyncio
import json
import pickle
import time
from itertools import cycle, islice
from uuid import uuid4

import pika
import pytest

from contracts.cases.events import DossierReceived
from demo.story.cast import OPENING
from tests.e2e.conftest import eventually, pids
from tests.faults.conftest import PROOF
from tests.faults.ledger import all_is_well, reactions

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.proof]

GOOD = 10_000 if PROOF else 300
BAD = GOOD // 10
LINES = 300
TOPIC = DossierReceived.topic
ENVELOPE = {"message_id": str(uuid4()), "topic": TOPIC, "sequence": 1, "aggregate_id": str(uuid4())}
POISON = [
    (b"{nonsense", "application/json", "not_json"),
    (pickle.dumps({"a": 1}), "application/x-python-serialize", "content_type_not_json"),
    (b'{"hello": 1}', "application/json", "not_an_event"),
    (json.dumps({"envelope": ENVELOPE, "event": {}}).encode(), "application/json", "breaks_contract"),
    (b"[" * 50_000 + b"]" * 50_000, "application/json", "json_too_deep"),
]


async def test_bad_messages_among_good_ones_are_parked_and_harm_nobody(platform, traffic, record_property):
    record_property("good", GOOD)
    record_property("bad", BAD)
    alive = pids(platform)
    queues = [f"sub-{service}.{name}.parked" for service, name in _readers()]
    assert queues
    began = time.monotonic()
    await asyncio.gather(_good(traffic), asyncio.to_thread(_send_bad, platform))
    await eventually(lambda: asyncio.to_thread(_are_parked, platform, queues), 180)
    reasons = await asyncio.to_thread(_take, platform, queues)
    record_property("seconds", round(time.monotonic() - began, 1))
    wanted = sorted(reason for _, _, reason in islice(cycle(POISON), BAD))
    assert all(sorted(found) == wanted for found in reasons.values()), "each is parked once, with its reason"
    assert pids(platform) == alive, "no process was started again"
    await all_is_well(platform, traffic)


def _readers():
    """Who hears of a received dossier."""
    services = ("audits", "notify", "documents", "cases")
    return [(service, name) for service in services for name in reactions(service).get(TOPIC, [])]


async def _good(traffic):
    counter, received = traffic.callers["counter"], OPENING.isoformat()
    for start in range(0, GOOD, LINES):
        numbers = [f"P-{uuid4().hex[:10]}" for _ in range(min(LINES, GOOD - start))]
        line = {"document_code": await _code(traffic), "received_at": received, "changed_at": received}
        lines = "\n".join(json.dumps(line | {"number": n, "status": "processing"}) for n in numbers)
        given = {"agencyId": counter.me["agency"]["id"], "lines": lines}
        report = await traffic.insist("counter", "upsertDossiers", "SyncReport { created }", uuid4(), **given)
        assert report["created"] == len(numbers)


async def _code(traffic):
    asked = "query($id: UUID!) { document(id: $id) { code } }"
    return (await traffic.callers["counter"].ask(asked, id=traffic.document["id"]))["document"]["code"]


def _send_bad(platform):
    """As the owner of the events would, spread over the time the good ones take."""
    with pika.BlockingConnection(pika.URLParameters(platform.amqp_uri("cases"))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for body, kind, _ in islice(cycle(POISON), BAD):
            properties = pika.BasicProperties(content_type=kind, delivery_mode=2, message_id=str(uuid4()))
            channel.basic_publish("cases.events", TOPIC, body, properties, mandatory=True)
            connection.sleep(0.01)


def _are_parked(platform, queues):
    with pika.BlockingConnection(pika.URLParameters(platform.amqp_uri("admin"))) as connection:
        channel = connection.channel()
        counts = [channel.queue_declare(queue, passive=True).method.message_count for queue in queues]
    return all(count >= BAD for count in counts)


def _take(platform, queues):
    """The reason of each parked message by queue; they are taken away, for what comes after."""
    reasons = {queue: [] for queue in queues}
    with pika.BlockingConnection(pika.URLParameters(platform.amqp_uri("admin"))) as connection:
        channel = connection.channel()
        for queue in queues:
            while (got := channel.basic_get(queue, auto_ack=True))[0] is not None:
                reasons[queue].append(got[1].headers["eiso-reason"])
    return reasons
