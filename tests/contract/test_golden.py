"""Every message ever published still loads, and its contract has not changed under it."""

import json

import pytest

from kernel.base import wire
from kernel.bus.incoming import parse_event
from tests.contract.golden import HERE, every_event

TOPICS = sorted(path.stem for path in HERE.glob("*.json"))


def test_every_topic_has_a_golden_file_and_every_file_a_topic():
    assert sorted(every_event()) == TOPICS


@pytest.mark.parametrize("topic", TOPICS)
def test_a_recorded_message_loads_as_it_was_written(topic):
    recorded = json.loads((HERE / f"{topic}.json").read_text("utf-8"))
    envelope, event = parse_event(recorded, topic)
    assert wire.decode(wire.encode(envelope)) == recorded["envelope"]
    loaded = wire.decode(wire.encode(event))
    assert {key: loaded[key] for key in recorded["event"]} == recorded["event"]


@pytest.mark.parametrize("topic", TOPICS)
def test_a_message_from_a_newer_sender_loads(topic):
    recorded = json.loads((HERE / f"{topic}.json").read_text("utf-8"))
    recorded["event"]["a_field_from_the_future"] = True
    recorded["envelope"]["another"] = {"deep": 1}
    assert parse_event(recorded, topic)[0].topic == topic


@pytest.mark.parametrize("topic", TOPICS)
def test_a_field_added_later_is_optional(topic):
    """What an old message lacks must have a default: fields not in the golden file may be left out."""
    from dataclasses import MISSING, fields

    recorded = json.loads((HERE / f"{topic}.json").read_text("utf-8"))
    added = [f for f in fields(every_event()[topic]) if f.name not in recorded["event"]]
    assert all(f.default is not MISSING or f.default_factory is not MISSING for f in added)
