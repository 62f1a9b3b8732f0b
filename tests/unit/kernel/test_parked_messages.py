"""Parked messages as operators read them, whatever they hold."""

import json
from datetime import UTC, datetime

import pytest

from kernel.bus import parked_messages
from kernel.bus.parked_messages import Wanted

QUEUE = "sub-notify.tell_issued"
TOPIC = "documents.revision_issued.v1"
ID = "0192f0f0-0000-7000-8000-000000000001"


def an_event() -> bytes:
    return json.dumps({"envelope": {"message_id": ID, "topic": TOPIC, "sequence": 7}, "event": {}}).encode()


def test_an_event_is_known_by_its_envelope():
    headers = {"eiso-reason": "reaction_failed", "eiso-detail": "RuntimeError", "eiso-attempt": 4}
    parked = parked_messages.read(QUEUE, headers, None, an_event())
    assert (parked.id, parked.topic, parked.reason, parked.attempts) == (ID, TOPIC, "reaction_failed", 4)
    assert (parked.service, parked.is_call, str(parked.subject_id)) == ("notify", False, ID)


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"[]", b'{"envelope": 7}', b'"text"', b"{" * 100])
def test_what_is_no_event_is_known_by_its_bytes(body):
    parked = parked_messages.read("rpc-cases", {}, None, body)
    assert parked.id == parked.sha256[:32]
    assert (parked.topic, parked.reason, parked.is_call) == (None, "?", True)
    assert parked.subject_id == parked_messages.read("rpc-cases", {}, None, body).subject_id


def test_what_the_broker_gave_up_is_parked_for_that_and_not_for_an_earlier_reason():
    died = [{"reason": "delivery_limit", "queue": QUEUE, "time": datetime(2026, 8, 10, 1, tzinfo=UTC)}]
    headers = {"x-first-death-reason": "delivery_limit", "x-death": died, "eiso-reason": "RuntimeError: x"}
    parked = parked_messages.read(QUEUE, headers, ID, an_event())
    assert (parked.reason, parked.parked_at) == ("delivery_limit", "2026-08-10T01:00:00+00:00")


def test_a_message_sent_back_has_all_its_tries_again_and_says_by_whom():
    headers = {
        "eiso-attempt": 4,
        "eiso-reason": "reaction_failed",
        "x-death": [],
        "nameko.traceparent": "00-1",
    }
    once = parked_messages.marks_of_replay(headers, "an")
    assert once == {"nameko.traceparent": "00-1", "eiso-replayed": 1, "eiso-replayed-by": "an"}
    assert parked_messages.marks_of_replay(once, "binh")["eiso-replayed"] == 2


def test_what_is_meant_narrows_by_all_that_was_said():
    parked = parked_messages.read(QUEUE, {"eiso-reason": "reaction_failed"}, None, an_event())
    assert Wanted().fits(parked)
    assert Wanted(ids=("nothing", ID[:8]), topic=TOPIC).fits(parked)
    assert not Wanted(ids=(ID,), reason="not_json").fits(parked)
    assert not Wanted(topic="documents.revision_approved.v1").fits(parked)
