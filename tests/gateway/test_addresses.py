"""Whose address a request counts for: what a stranger writes into a header is not believed."""

import pytest

from gateway.bus.addresses import address_of, neighbourhood, networks

OURS = networks("10.0.0.0/8, 127.0.0.1, fd00::/8")


def a_scope(peer: str | None, *forwarded: str):
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return {"type": "http", "client": peer and (peer, 4711), "headers": headers}


SEEN = {
    "straight": (a_scope("203.0.113.7"), "203.0.113.7"),
    "a stranger that names another": (a_scope("203.0.113.7", "198.51.100.1"), "203.0.113.7"),
    "a proxy of ours": (a_scope("10.1.1.1", "203.0.113.7"), "203.0.113.7"),
    "two proxies of ours": (a_scope("10.1.1.1", "203.0.113.7, 10.2.2.2"), "203.0.113.7"),
    "what the stranger wrote before": (a_scope("10.1.1.1", "198.51.100.1, 203.0.113.7"), "203.0.113.7"),
    "a header on two lines": (a_scope("10.1.1.1", "198.51.100.1", "203.0.113.7"), "203.0.113.7"),
    "all hops ours": (a_scope("127.0.0.1", "10.3.3.3"), "10.3.3.3"),
    "with a port": (a_scope("10.1.1.1", "203.0.113.7:55123"), "203.0.113.7"),
    "IPv6 in brackets": (a_scope("fd00::1", '"[2001:db8::7]:55123"'), "2001:db8::7"),
    "IPv4 inside IPv6": (a_scope("::ffff:10.1.1.1", "203.0.113.7"), "203.0.113.7"),
    "babble": (a_scope("10.1.1.1", "203.0.113.7, unknown"), "10.1.1.1"),
    "no address at all": (a_scope(None, "203.0.113.7"), "unknown"),
    "a thousand hops": (a_scope("10.1.1.1", ",".join(["10.2.2.2"] * 1000)), "10.2.2.2"),
}


@pytest.mark.parametrize(("scope", "address"), SEEN.values(), ids=SEEN.keys())
def test_the_client_is_the_last_hop_that_is_no_proxy_of_ours(scope, address):
    assert address_of(scope, OURS) == address


def test_without_proxies_of_ours_the_header_means_nothing():
    assert address_of(a_scope("127.0.0.1", "203.0.113.7")) == "127.0.0.1"


def test_one_subscriber_counts_once_however_many_addresses_it_has():
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:1") == "2001:db8::/64"
    assert neighbourhood("203.0.113.7") == "203.0.113.7"
    assert neighbourhood("unknown") == "unknown"


def test_a_network_that_is_none_is_named():
    with pytest.raises(ValueError, match="10\\.0\\.0\\.0/99"):
        networks("10.0.0.1,10.0.0.0/99")
