"""The rights on the broker: a service has its own queues and topics, and nobody else's."""

import re

import pytest

from deploy.local.platform import SERVICES, new_passwords
from deploy.platform import broker
from ops import queues

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
    ]
    assert all(may(service, verb, name) for name in own)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("verb", ["configure", "write", "read"])
def test_a_service_has_no_queue_of_another(service, verb):
    for other in {*SERVICES, "gateway", f"{service}x"} - {service}:
        foreign = (f"rpc-{other}", f"sub-{other}.react", f"rpc.reply-{other}-{A_UUID}", f"sub-{other}")
        assert not any(may(service, verb, name) for name in foreign)


@pytest.mark.parametrize("user", sorted(set(EVERYBODY) - {"admin"}))
def test_nobody_makes_or_deletes_an_exchange_that_others_use(user):
    assert not any(may(user, "configure", exchange) for exchange in broker.exchanges())


def test_only_the_gateway_writes_to_where_calls_go():
    assert [user for user in sorted(EVERYBODY) if may(user, "write", "nameko-rpc")] == ["admin", "gateway"]


def test_events_are_published_by_their_service_alone():
    for service in SERVICES:
        notified_by = {user for user in EVERYBODY if may(user, "write", f"{service}.events")}
        assert notified_by == {service, "admin"}


def test_what_each_may_hear_is_what_its_code_listens_to():
    listens: dict[str, set[str]] = {service: set() for service in SERVICES}
    for topic, reactions in queues.readers().items():
        for service, _ in reactions:
            listens[service].add(topic)
    given = {user: set(topics) for user, topics in broker.HEARS.items()}
    assert given == listens | {"gateway": {"directory.authority_ended.v1", "notify.notice_posted.v1"}}


def topic(user: str, exchange: str, act: int, key: str) -> bool:
    return re.search(EVERYBODY[user].topics[exchange][act], key) is not None


PUBLISH, BIND = 0, 1


def test_a_service_hears_a_topic_and_not_its_neighbours():
    assert topic("cases", "documents.events", BIND, "documents.revision_issued.v1")
    for more in ("documents.#", "documents.*.v1", "#", "documents.revision_issued.v10", "documents.*.*"):
        assert not topic("cases", "documents.events", BIND, more)
    assert not may("cases", "read", "audits.events")
    assert not may("directory", "read", "cases.events")


def test_a_service_answers_calls_but_makes_none():
    assert not may("documents", "write", "nameko-rpc")
    assert topic("documents", "eiso-logs", PUBLISH, "directory.events_after")
    assert not topic("documents", "eiso-logs", PUBLISH, "directory.create_agency")
    assert topic("documents", "nameko-rpc", BIND, "documents.*")
    for stolen in ("directory.*", "#", "*.*", "documents.#", "documents.create_document"):
        assert not topic("documents", "nameko-rpc", BIND, stolen)


def test_nobody_listens_at_anothers_address():
    for user in (*SERVICES, "gateway"):
        for other in {*SERVICES, "gateway"}:
            assert topic(user, "eiso-answers", BIND, f"{other}.{A_UUID}") == (user == other)
        for wide in ("#", f"{user}.*", f"{user}.#", A_UUID):
            assert not topic(user, "eiso-answers", BIND, wide)


def test_a_service_publishes_only_topics_of_its_own_name():
    assert topic("documents", "documents.events", PUBLISH, "documents.revision_issued.v1")
    assert not topic("documents", "documents.events", PUBLISH, "directory.agency_changed.v1")


def test_the_gateway_calls_and_hears_notices_and_ended_rights_only():
    assert topic("gateway", "nameko-rpc", PUBLISH, "documents.issue_revision")
    assert not may("gateway", "read", "nameko-rpc")
    assert topic("gateway", "directory.events", BIND, "directory.authority_ended.v1")
    for more in ("directory.person_changed.v1", "#"):
        assert not topic("gateway", "directory.events", BIND, more)
    assert topic("gateway", "notify.events", BIND, "notify.notice_posted.v1")
    assert not topic("gateway", "notify.events", BIND, "#")
    assert not topic("gateway", "directory.events", PUBLISH, "directory.authority_ended.v1")
    assert not may("gateway", "read", "documents.events")
    assert not may("gateway", "read", "rpc-documents")


def test_operators_read_what_is_parked_and_nothing_else():
    assert may("ops", "read", "sub-notify.tell_issued.parked")
    assert may("ops", "read", "rpc-notify.parked")
    for other in (
        "rpc-directory",
        "sub-notify.tell_issued",
        "nameko-rpc",
        "directory.events",
        "eiso-answers",
    ):
        assert not may("ops", "read", other)
    assert not any(may("ops", verb, "sub-notify") for verb in ("configure", "write"))


@pytest.mark.parametrize("user", sorted(set(EVERYBODY) - {"admin"}))
def test_nobody_may_use_the_default_exchange(user):
    for name in ("amq.default", "amq.topic", "amq.fanout", "amq.direct"):
        assert not any(may(user, verb, name) for verb in ("configure", "write"))


@pytest.mark.parametrize("user", sorted(set(EVERYBODY) - {"admin"}))
def test_every_topic_exchange_says_what_each_may_do_there(user):
    """RabbitMQ lets everything pass where no right is set, and keeps what an earlier release set."""
    rows = broker.definitions(new_passwords(), ["eiso"])["topic_permissions"]
    named = {row["exchange"] for row in rows if row["user"] == user}
    assert named == {name for name, kind in broker.exchanges().items() if kind == "topic"}


def test_the_definitions_name_no_password_in_the_clear():
    passwords = new_passwords()
    text = str(broker.definitions(passwords, ["eiso"]))
    assert not any(secret in text for secret in passwords.values())
    assert broker.password_hash("a") == broker.password_hash("a") != broker.password_hash("b")
