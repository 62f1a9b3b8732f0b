"""The rights on the broker: a service has its own queues and topics, and nobody else's."""

import re

import pytest

from deploy.local import broker
from deploy.local.platform import SERVICES, new_passwords

A_UUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
EVERYBODY = broker.all_rights()


def may(user: str, verb: str, name: str) -> bool:
    """As RabbitMQ matches: anywhere in the name, so the patterns must anchor themselves."""
    return re.search(getattr(EVERYBODY[user], verb), name) is not None


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("verb", ["configure", "write", "read"])
def test_a_service_has_its_own_queues(service, verb):
    own = [
        f"rpc-{service}",
        f"rpc-{service}.parked",
        f"rpc-{service}.expired",
        f"rpc-{service}.dead",
        f"sub-{service}.learn_agency",
        f"sub-{service}.learn_agency.retry.10s",
        f"sub-{service}.learn_agency.parked",
        f"rpc.reply-{service}-{A_UUID}",
        f"sub-{service}",
        f"{service}.events",
    ]
    assert all(may(service, verb, name) for name in own)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("verb", ["configure", "write", "read"])
def test_a_service_has_no_queue_of_another(service, verb):
    for other in {*SERVICES, "gateway", f"{service}x"} - {service}:
        foreign = (f"rpc-{other}", f"sub-{other}.react", f"rpc.reply-{other}-{A_UUID}", f"sub-{other}")
        assert not any(may(service, verb, name) for name in foreign)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_others_events_and_publishes_none_of_them(service):
    for other in set(SERVICES) - {service}:
        assert may(service, "read", f"{other}.events")
        assert not may(service, "write", f"{other}.events")
        assert not may(service, "configure", f"{other}.events")


def topic(user: str, exchange: str, act: int, key: str) -> bool:
    return re.search(EVERYBODY[user].topics[exchange][act], key) is not None


PUBLISH, BIND = 0, 1


def test_a_service_answers_calls_but_makes_none():
    assert topic("documents", "nameko-rpc", PUBLISH, A_UUID)
    assert topic("documents", "nameko-rpc", PUBLISH, "directory.events_after")
    assert not topic("documents", "nameko-rpc", PUBLISH, "directory.create_agency")
    assert topic("documents", "nameko-rpc", BIND, "documents.*")
    for stolen in ("directory.*", "#", "*.*", "documents.#"):
        assert not topic("documents", "nameko-rpc", BIND, stolen)


def test_a_service_publishes_only_topics_of_its_own_name():
    assert topic("documents", "documents.events", PUBLISH, "documents.revision_issued.v1")
    assert not topic("documents", "documents.events", PUBLISH, "directory.agency_changed.v1")


def test_the_gateway_calls_but_declares_no_exchange_and_hears_notices_and_ended_rights_only():
    assert topic("gateway", "nameko-rpc", PUBLISH, "documents.issue_revision")
    assert not topic("gateway", "nameko-rpc", BIND, "documents.*")
    assert not may("gateway", "configure", "nameko-rpc")
    assert may("gateway", "read", "notify.events")
    assert may("gateway", "read", "directory.events")
    assert topic("gateway", "directory.events", BIND, "directory.authority_ended.v1")
    assert not topic("gateway", "directory.events", BIND, "directory.person_changed.v1")
    assert not topic("gateway", "directory.events", BIND, "#")
    assert not topic("gateway", "directory.events", PUBLISH, "directory.authority_ended.v1")
    assert not may("gateway", "read", "documents.events")
    assert not may("gateway", "read", "rpc-documents")


def test_operators_read_everything_and_write_only_to_put_back_and_to_ask():
    assert may("ops", "read", "sub-notify.tell.parked")
    assert may("ops", "write", "sub-notify")
    assert not may("ops", "write", "notify.events")
    assert not may("ops", "configure", "rpc-documents")


@pytest.mark.parametrize("user", sorted(set(EVERYBODY) - {"admin"}))
def test_nobody_may_use_the_default_exchange(user):
    assert not may(user, "write", "amq.default")
    assert not may(user, "write", "")


def test_the_definitions_name_no_password_in_the_clear():
    passwords = new_passwords()
    text = str(broker.definitions(passwords, ["eiso"]))
    assert not any(secret in text for secret in passwords.values())
    assert broker.password_hash("a") == broker.password_hash("a") != broker.password_hash("b")
