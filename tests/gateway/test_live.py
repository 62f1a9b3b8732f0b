"""Notices live: in order, none twice, none left out, whatever is lost on the way."""

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from contracts.authority import Basis
from contracts.base import Envelope
from contracts.directory.events import AuthorityEnded
from contracts.notify.events import NoticePosted
from gateway.app import Gateway
from gateway.bus.live import BUFFER, Feeds, as_view
from gateway.edge import websocket
from gateway.graphql.context import Context
from gateway.schema.notify import stream as notice_stream
from kernel.base import wire
from kernel.base.errors import Forbidden, Unavailable
from tests.gateway.fakes import FakeBus, a_me, a_notice, a_page, a_person, settings

PERSON = a_notice(1).person_id
SUBSCRIBE = "subscription ($after: Int) { noticePosted(afterNumber: $after) { number subject } }"


class Stored:
    """The notices of one person as notify keeps them, answered by `list_notices`."""

    def __init__(self, count: int = 0) -> None:
        self.notices = [a_notice(number + 1) for number in range(count)]

    def add(self):
        self.notices.append(a_notice(len(self.notices) + 1))
        return self.notices[-1]

    def __call__(self, body):
        after = body["after_number"]
        found = [n for n in self.notices if n.number > after] if after is not None else []
        found = found if after is not None else self.notices[::-1]
        first = body["first"]
        return a_page(found[:first], has_next=len(found) > first, unread=0)


def listener(stored: Stored, feeds: Feeds) -> Context:
    context = Context(FakeBus(list_notices=stored), None, token="grant", feeds=feeds)
    context.person_id = PERSON
    return context


async def take(stream, count: int) -> list[int]:
    async with asyncio.timeout(5):
        return [(await anext(stream)).number for _ in range(count)]


async def started(stream):
    """The next item asked for, and the listener waiting for it."""
    task = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.01)
    return task


async def test_without_a_number_only_what_comes_from_now_on_is_delivered():
    stored, feeds = Stored(3), Feeds()
    coming = await started(notice_stream.notices_of(listener(stored, feeds), None))
    feeds.post(stored.add())
    assert (await coming).number == 4


async def test_missed_notices_come_first_then_live_ones():
    stored, feeds = Stored(250), Feeds()
    stream = notice_stream.notices_of(listener(stored, feeds), 20)
    assert await take(stream, 230) == list(range(21, 251))
    coming = await started(stream)
    feeds.post(stored.add())
    assert (await coming).number == 251


async def test_a_notice_that_arrives_live_while_missed_ones_are_read_is_delivered_once():
    stored, feeds = Stored(3), Feeds()
    stream = notice_stream.notices_of(listener(stored, feeds), 0)
    assert await take(stream, 1) == [1]
    for notice in (stored.notices[1], stored.notices[2], stored.add()):
        feeds.post(notice)
    assert await take(stream, 3) == [2, 3, 4]
    coming = await started(stream)
    feeds.post(stored.notices[3])
    feeds.post(stored.add())
    assert (await coming).number == 5


async def test_a_notice_lost_on_the_bus_is_read_when_the_next_one_shows_the_gap():
    stored, feeds = Stored(1), Feeds()
    stream = notice_stream.notices_of(listener(stored, feeds), 1)
    coming = await started(stream)
    stored.add()
    feeds.post(stored.add())
    assert (await coming).number == 2
    assert await take(stream, 1) == [3]


async def test_notices_out_of_order_are_put_in_order():
    stored, feeds = Stored(0), Feeds()
    stream = notice_stream.notices_of(listener(stored, feeds), 0)
    coming = await started(stream)
    first, second = stored.add(), stored.add()
    feeds.post(second)
    feeds.post(first)
    assert [(await coming).number, *await take(stream, 1)] == [1, 2]


async def test_a_slow_listener_loses_nothing_when_its_buffer_runs_over():
    stored, feeds = Stored(0), Feeds()
    stream = notice_stream.notices_of(listener(stored, feeds), 0)
    coming = await started(stream)
    for _ in range(3 * BUFFER):
        feeds.post(stored.add())
    [feed] = feeds.of_person[PERSON]
    assert len(feed.waiting) <= BUFFER
    assert [(await coming).number, *await take(stream, 3 * BUFFER - 1)] == list(range(1, 3 * BUFFER + 1))


async def test_what_was_posted_while_the_broker_was_away_is_delivered_when_it_is_back():
    stored, feeds = Stored(0), Feeds()
    stream = notice_stream.notices_of(listener(stored, feeds), 0)
    coming = await started(stream)
    stored.add()
    feeds.look_again()
    assert (await coming).number == 1


async def test_a_listener_waits_while_notify_is_away(monkeypatch):
    monkeypatch.setattr(notice_stream, "PAUSE", 0.01)
    stored, feeds = Stored(2), Feeds()
    context = listener(stored, feeds)
    context.bus.answers["list_notices"] = Unavailable("service_unavailable", service="notify")
    stream = notice_stream.notices_of(context, 0)
    coming = await started(stream)
    context.bus.answers["list_notices"] = stored
    assert (await asyncio.wait_for(coming, 5)).number == 1


async def test_only_the_person_s_own_notices_are_delivered():
    stored, feeds = Stored(0), Feeds()
    stream = notice_stream.notices_of(listener(stored, feeds), 0)
    coming = await started(stream)
    feeds.post(a_notice(1, person_id=a_person().id))
    feeds.post(stored.add())
    assert (await coming).id == stored.notices[0].id


async def test_a_listener_that_has_gone_leaves_nothing_behind():
    feeds = Feeds()
    stream = notice_stream.notices_of(listener(Stored(1), feeds), 0)
    await take(stream, 1)
    await stream.aclose()
    assert feeds.of_person == {}


async def test_a_message_of_the_bus_becomes_a_notice_and_one_that_is_none_is_passed_over():
    notice = a_notice(5)
    said = wire.dump(notice) | {"notice_id": str(notice.id)}
    said = {name: value for name, value in said.items() if name not in ("id", "read_at")}
    feeds = Feeds()
    with feeds.listen(PERSON) as feed:
        for body in (b"{", b"[]", b'{"event": {"number": 1}}', b'{"envelope": {}}'):
            feeds.received(body)
        feeds.received(wire.encode({"envelope": {}, "event": said, "later": "field"}))
    [seen] = feed.waiting
    assert seen == notice
    assert (
        as_view(
            NoticePosted(
                **{k: v for k, v in vars(seen).items() if k not in ("id", "read_at")}, notice_id=seen.id
            )
        )
        == notice
    )


# -- over the WebSocket ------------------------------------------------------------------------


def a_token(seconds: float = 600, **more) -> str:
    said = {"exp": time.time() + seconds} | more
    claims = urlsafe_b64encode(json.dumps(said).encode()).decode()
    return f"head.{claims.rstrip('=')}.signature"


@contextmanager
def connected(bus: FakeBus, payload=None, *, changes=None, **given):
    gateway = Gateway(settings(**changes or {}), bus)
    with TestClient(gateway.app()) as client:
        protocols = given.pop("subprotocols", ["graphql-transport-ws"])
        with client.websocket_connect("/graphql", subprotocols=protocols, **given) as socket:
            if payload is not None:
                socket.send_json({"type": "connection_init", "payload": payload})
            yield socket, gateway, client


def a_bus(stored=None, **answers) -> FakeBus:
    me = a_me(person=a_person(id=PERSON))
    return FakeBus(**{"me": me, "list_notices": stored or Stored(2)} | answers)


def subscribe(query: str = SUBSCRIBE, id: str = "1", **variables):
    payload = {"query": query, "variables": variables}
    return {"type": "subscribe", "id": id, "payload": payload}


def test_a_signed_in_person_hears_missed_and_live_notices():
    stored = Stored(2)
    with connected(a_bus(stored), {"authorization": f"Bearer {a_token()}"}) as (socket, gateway, client):
        assert socket.receive_json()["type"] == "connection_ack"
        socket.send_json(subscribe(after=1))
        assert socket.receive_json()["payload"]["data"]["noticePosted"]["number"] == 2
        client.portal.call(gateway.feeds.post, stored.add())
        assert socket.receive_json()["payload"]["data"]["noticePosted"]["number"] == 3
        assert gateway.bus.calls[0][0] == "directory.me"


@pytest.mark.parametrize(
    "payload", [{}, {"authorization": "Basic x"}, {"authorization": 7}, {"Authorization": "Bearer x"}]
)
def test_a_connection_without_a_token_is_closed(payload):
    with connected(a_bus(), payload) as (socket, _, _), pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_json()
    assert closed.value.code == 4403


def test_a_connection_with_a_token_the_directory_refuses_is_closed():
    bus = a_bus(me=Forbidden("bad_grant"))
    opened = connected(bus, {"authorization": "Bearer forged"})
    with opened as (socket, _, _), pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_json()
    assert closed.value.code == 4403


def test_while_the_directory_is_away_a_connection_is_asked_to_come_back():
    bus = a_bus(me=Unavailable("service_unavailable", service="directory"))
    opened = connected(bus, {"authorization": "Bearer mine"})
    with opened as (socket, _, _), pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_json()
    assert closed.value.code == 1013


def test_a_connection_ends_with_its_token_without_saying_the_subscription_is_complete():
    opened = connected(a_bus(), {"authorization": f"Bearer {a_token(seconds=0.4)}"})
    with opened as (socket, gateway, _):
        assert socket.receive_json()["type"] == "connection_ack"
        socket.send_json(subscribe(after=2))
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert (closed.value.code, closed.value.reason) == (4403, "not_signed_in")
    assert gateway.feeds.of_person == {}


def an_end(basis: str, subject_id: UUID, version: int = 1) -> bytes:
    """What the directory publishes when a right ends."""
    event = AuthorityEnded(basis=Basis(basis), subject_id=subject_id)
    now = datetime.now(UTC)
    envelope = Envelope(
        message_id=uuid4(),
        topic=event.topic,
        sequence=1,
        aggregate_id=subject_id,
        version=version,
        occurred_at=now,
        recorded_at=now,
    )
    return wire.encode({"envelope": wire.dump(envelope), "event": wire.dump(event)})


@pytest.mark.parametrize("basis", ["session", "position"])
def test_a_connection_ends_with_what_its_token_relies_on_and_no_other_does(basis):
    ids = {"session": uuid4(), "position": uuid4()}
    token = a_token(sid=str(ids["session"]), pos=str(ids["position"]))
    stored = Stored(2)
    opened = connected(a_bus(stored), {"authorization": f"Bearer {token}"})
    with opened as (socket, gateway, client):
        assert socket.receive_json()["type"] == "connection_ack"
        socket.send_json(subscribe(after=1))
        assert socket.receive_json()["payload"]["data"]["noticePosted"]["number"] == 2
        client.portal.call(gateway.ended.received, an_end(basis, uuid4()))
        client.portal.call(gateway.feeds.post, stored.add())
        assert socket.receive_json()["payload"]["data"]["noticePosted"]["number"] == 3
        client.portal.call(gateway.ended.received, an_end(basis, ids[basis]))
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4403
    assert (gateway.feeds.of_person, list(gateway.ended.open)) == ({}, [])


@pytest.mark.parametrize("asked_again", ["after an outage", "after what cannot be read"])
def test_where_an_end_may_have_been_missed_a_connection_is_asked_for_again(asked_again):
    bus = a_bus()
    opened = connected(bus, {"authorization": f"Bearer {a_token(sid=str(uuid4()))}"})
    with opened as (socket, gateway, client):
        assert socket.receive_json()["type"] == "connection_ack"
        bus.answers["me"] = Forbidden("not_signed_in")
        if asked_again == "after an outage":
            client.portal.call(gateway.ended.look_again)
        else:
            client.portal.call(gateway.ended.received, b"{}")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4403


def test_no_connection_lives_longer_than_a_token_may():
    assert websocket.life_of(a_token(seconds=10**6)) == websocket.LONGEST_LIFE
    assert websocket.life_of("no grant at all") == websocket.LONGEST_LIFE
    assert websocket.life_of(a_token(seconds=-5)) == 0


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (subscribe("{ clock { isShifted } }"), "only_subscriptions_here"),
        (subscribe("mutation { signOut(input: {}) { __typename } }"), "query_invalid"),
        (subscribe("subscription { "), "query_malformed"),
        (subscribe("subscription { nobody }"), "query_invalid"),
        (subscribe(after="one"), "variable_invalid"),
        ({"type": "subscribe", "id": "1", "payload": {"query": 5}}, "request_malformed"),
        ({"type": "subscribe", "id": "1", "payload": [1]}, "request_malformed"),
        ({"type": "subscribe", "id": "1"}, "request_malformed"),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_a_subscription_that_cannot_be_is_refused_and_the_connection_stays(message, code):
    with connected(a_bus(), {"authorization": f"Bearer {a_token()}"}) as (socket, _, _):
        socket.receive_json()
        socket.send_json(message)
        said = socket.receive_json()
        assert (said["type"], said["id"]) == ("error", "1")
        assert said["payload"][0]["extensions"]["code"] == code
        assert said["payload"][0]["extensions"]["messageEn"]
        socket.send_json(subscribe(after=1))
        assert socket.receive_json()["payload"]["data"]["noticePosted"]["number"] == 2


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "[]",
        "7",
        "null",
        '{"type": 5}',
        '{"type": "dance"}',
        '{"type": "subscribe"}',
        '{"type": "complete", "id": []}',
    ],
)
def test_a_message_that_is_none_ends_the_connection_cleanly(text):
    opened = connected(a_bus(), {"authorization": f"Bearer {a_token()}"})
    with opened as (socket, _, _):
        socket.receive_json()
        socket.send_text(text)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4400


def test_subscribing_before_saying_who_one_is_ends_the_connection():
    with connected(a_bus()) as (socket, _, _):
        socket.send_json(subscribe())
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4401


def test_the_old_protocol_is_not_spoken():
    opened = connected(a_bus(), subprotocols=["graphql-ws"])
    with opened as (socket, _, _), pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_json()
    assert closed.value.code == 4406


def test_a_page_of_another_origin_may_not_listen():
    with (
        pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)),
        connected(a_bus(), headers={"origin": "https://elsewhere.example"}),
    ):
        pass


def test_a_defect_inside_a_subscription_is_masked():
    bus = a_bus(list_notices=RuntimeError("the disk of db-3 is full"))
    with connected(bus, {"authorization": f"Bearer {a_token()}"}) as (socket, _, _):
        socket.receive_json()
        socket.send_json(subscribe(after=0))
        said = socket.receive_json()
    assert "db-3" not in json.dumps(said)
    assert said["payload"]["errors"][0]["extensions"]["code"] == "defect"
