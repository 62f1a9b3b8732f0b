"""Every user of the real broker tries what it must not be able to do. The expectations are written by hand.

The broker knows permissions of names only, so each try is one that its rules leave a way to: binding
exchanges to exchanges, dead letters, alternate exchanges, names that are a queue's and an exchange's.
"""

from collections.abc import Callable
from uuid import uuid4

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker, NackError, UnroutableError

REFUSED, VHOST = 403, "eiso-3"
SERVICES = ("directory", "documents", "cases", "audits", "notify")
USERS = (*SERVICES, "gateway", "ops")
SHARED = [
    "nameko-rpc",
    "eiso-answers",
    "eiso-logs",
    *(f"{service}.events" for service in SERVICES),
    *(f"sub-{service}" for service in SERVICES),
]
ADDRESS = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"

HEARD_BY = {
    "directory.agency_changed.v1": {"documents", "cases", "audits", "notify"},
    "directory.authority_ended.v1": {"documents", "cases", "audits", "notify", "gateway"},
    "directory.person_changed.v1": {"notify"},
    "directory.person_record_changed.v1": {"notify"},
    "directory.position_changed.v1": {"cases", "audits", "notify"},
    "directory.delegation_changed.v1": {"notify"},
    "directory.grant_changed.v1": {"audits", "notify"},
    "documents.revision_issued.v1": {"cases", "audits", "notify"},
    "documents.revision_submitted.v1": {"notify"},
    "documents.hand_over_followed.v1": {"audits"},
    "cases.dossier_received.v1": {"audits"},
    "cases.dossier_overdue.v1": {"audits", "notify"},
    "audits.finding_recorded.v1": {"notify"},
    "notify.notice_posted.v1": {"gateway"},
}
"""Who may hear what; topics that nobody reacts to, and wildcards, are heard by nobody."""


class Attacker:
    """One user's connection; each try has a channel of its own, for a refusal ends it."""

    def __init__(self, platform, user: str) -> None:
        self.user = user
        self.connection = pika.BlockingConnection(pika.URLParameters(platform.amqp_uri(user, VHOST)))
        self.own = {"gateway": f"gateway.notices.{uuid4()}"}.get(user, f"sub-{user}.attack-{uuid4()}")

    def may(self, act: Callable[[object], object]) -> bool:
        """Whether the broker let it happen; anything but a refusal of rights is a fault of the test."""
        channel = self.connection.channel()
        channel.confirm_delivery()
        try:
            act(channel)
        except ChannelClosedByBroker as closed:
            if closed.reply_code != REFUSED:
                raise
            return False
        except (UnroutableError, NackError):
            return True
        finally:
            if channel.is_open:
                channel.close()
        return True

    def queue(self, channel, **arguments) -> str:
        name = f"{self.own}.queue-{uuid4()}"
        channel.queue_declare(name, exclusive=True, arguments=arguments)
        return name

    def exchange(self, channel, **arguments) -> str:
        """A name that is theirs to make, with a kind whose routing keys nobody judges."""
        name = f"{self.own}.exchange-{uuid4()}"
        channel.exchange_declare(name, "fanout", auto_delete=True, arguments=arguments)
        return name


@pytest.fixture(params=USERS)
def attacker(request, platform):
    made = Attacker(platform, request.param)
    yield made
    made.connection.close()


@pytest.fixture(scope="module", autouse=True)
def victims(platform):
    """What there is to be taken: each service's queue of calls and a reaction's with its parking."""
    with pika.BlockingConnection(pika.URLParameters(platform.amqp_uri("admin", VHOST))) as connection:
        channel = connection.channel()
        for service in SERVICES:
            for queue in (f"rpc-{service}", f"sub-{service}.victim", f"sub-{service}.victim.parked"):
                channel.queue_declare(queue, durable=True)
        channel.queue_declare("rpc.reply-gateway-victim", durable=True)
        yield
        for service in SERVICES:
            for queue in (f"rpc-{service}", f"sub-{service}.victim", f"sub-{service}.victim.parked"):
                channel.queue_delete(queue)
        channel.queue_delete("rpc.reply-gateway-victim")


def test_nobody_deletes_or_makes_a_shared_exchange(attacker):
    for name in SHARED:
        kind = "direct" if name.startswith("sub-") else "topic"
        assert not attacker.may(lambda c, n=name: c.exchange_delete(n)), name
        assert not attacker.may(lambda c, n=name, k=kind: c.exchange_declare(n, k, durable=True)), name


def test_nobody_leads_an_exchange_of_their_own_into_what_is_not_theirs(attacker):
    """Past an exchange of one's own no topic permission is asked."""
    theirs = {f"sub-{attacker.user}", f"{attacker.user}.events"}
    passages = {"eiso-answers", "eiso-logs"}  # which lead to reply addresses, and to logs, and nowhere else
    for name in SHARED:
        let = attacker.may(lambda c, n=name: c.exchange_bind(n, attacker.exchange(c), "#"))
        expected = {
            "gateway": name == "nameko-rpc",
            "ops": False,
        }.get(attacker.user, name in theirs | passages)
        assert let == expected, name


def test_nobody_is_led_to_calls_by_dead_letters_or_an_alternate_exchange(attacker):
    expected = attacker.user == "gateway"  # which may call
    dead = {"x-dead-letter-exchange": "nameko-rpc", "x-dead-letter-routing-key": "directory.create_agency"}
    assert attacker.may(lambda c: attacker.queue(c, **dead)) == expected
    assert attacker.may(lambda c: attacker.exchange(c, **{"alternate-exchange": "nameko-rpc"})) == expected


@pytest.mark.parametrize(
    "key", ["directory.create_agency", "documents.issue_revision", "audits.events_after"]
)
def test_only_the_gateway_calls(attacker, key):
    let = attacker.may(lambda c: c.basic_publish("nameko-rpc", key, b"{}", mandatory=True))
    assert let == (attacker.user == "gateway")


def test_a_log_is_asked_for_events_and_for_nothing_else(attacker):
    def publish(key):
        return attacker.may(lambda c: c.basic_publish("eiso-logs", key, b"{}", mandatory=True))

    assert publish("directory.events_after") == (attacker.user in SERVICES)
    assert not publish("directory.create_agency")
    assert not publish("directory.sign_in")


@pytest.mark.parametrize("exchange", ["nameko-rpc", "eiso-logs"])
def test_nobody_listens_to_calls_of_another(attacker, exchange):
    """Among them are passwords and tokens."""
    foreign = [f"{name}.{what}" for name in SERVICES for what in ("*", "#", "sign_in", "events_after")]
    keys = ["#", "*", "*.*", "*.sign_in", "#.sign_in", *foreign]
    allowed = {"nameko-rpc": f"{attacker.user}.*", "eiso-logs": f"{attacker.user}.events_after"}[exchange]
    for key in keys:
        by_queue = attacker.may(lambda c, k=key: c.queue_bind(attacker.queue(c), exchange, k))
        by_exchange = attacker.may(lambda c, k=key: c.exchange_bind(attacker.exchange(c), exchange, k))
        assert by_queue == by_exchange == (key == allowed), key


def test_nobody_listens_at_anothers_address(attacker):
    for name in (*SERVICES, "gateway", "ops"):
        for key in (f"{name}.{ADDRESS}", f"{name}.*", f"{name}.#", "#", "*.*", ADDRESS):
            let = attacker.may(lambda c, k=key: c.queue_bind(attacker.queue(c), "eiso-answers", k))
            assert let == (attacker.user != "ops" and key == f"{attacker.user}.{ADDRESS}"), key
            assert (
                not attacker.may(lambda c, k=key: c.exchange_bind(attacker.exchange(c), "eiso-answers", k))
                or key == f"{attacker.user}.{ADDRESS}"
            ), key


@pytest.mark.parametrize("topic", HEARD_BY)
def test_an_event_is_heard_by_those_who_react_to_it(attacker, topic):
    source = f"{topic.partition('.')[0]}.events"
    let = attacker.may(lambda c: c.queue_bind(attacker.queue(c), source, topic))
    assert let == (attacker.user in HEARD_BY[topic])


@pytest.mark.parametrize("source", SERVICES)
def test_nobody_hears_more_by_a_wildcard_or_through_an_exchange(attacker, source):
    for key in ("#", "*.*.*", f"{source}.#", f"{source}.*.v1", f"{source}.nobody_reacts.v1"):
        assert not attacker.may(lambda c, k=key: c.queue_bind(attacker.queue(c), f"{source}.events", k)), key
        assert not attacker.may(
            lambda c, k=key: c.exchange_bind(attacker.exchange(c), f"{source}.events", k)
        ), key


@pytest.mark.parametrize("source", SERVICES)
def test_events_are_published_by_their_service_and_under_its_name(attacker, source):
    def publish(key):
        return attacker.may(lambda c: c.basic_publish(f"{source}.events", key, b"{}", mandatory=True))

    assert publish(f"{source}.something_new.v1") == (attacker.user == source)
    for other in {*SERVICES} - {source}:
        assert not publish(f"{other}.something_new.v1")


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_takes_empties_deletes_or_fills_anothers_queue(attacker, service):
    if attacker.user == service:
        pytest.skip("its own")
    for queue in (f"rpc-{service}", f"sub-{service}.victim", "rpc.reply-gateway-victim"):
        if queue.startswith("rpc.reply-gateway") and attacker.user == "gateway":
            continue
        assert not attacker.may(lambda c, q=queue: c.basic_get(q)), queue
        assert not attacker.may(lambda c, q=queue: c.basic_consume(q, print)), queue
        assert not attacker.may(lambda c, q=queue: c.queue_purge(q)), queue
        assert not attacker.may(lambda c, q=queue: c.queue_delete(q)), queue
        assert not attacker.may(lambda c, q=queue: c.queue_declare(q, durable=True)), queue
        for exchange in ("", "amq.direct", "amq.topic", "amq.fanout", f"sub-{service}"):
            assert not attacker.may(
                lambda c, e=exchange, q=queue: c.basic_publish(e, q, b"{}", mandatory=True)
            ), (exchange, queue)
    parked = f"sub-{service}.victim.parked"
    assert attacker.may(lambda c: c.basic_get(parked)) == (attacker.user == "ops")
    assert not attacker.may(lambda c: c.queue_delete(parked))


def test_nobody_binds_anothers_queue_away(attacker):
    """To unbind is as good as to delete: what is published would reach nobody."""
    for service in set(SERVICES) - {attacker.user}:
        for source, key in (("nameko-rpc", f"{service}.*"), (f"sub-{service}", f"sub-{service}.victim")):
            assert not attacker.may(lambda c, q=f"rpc-{service}", s=source, k=key: c.queue_unbind(q, s, k))
