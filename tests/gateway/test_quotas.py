"""A program's calls are counted off its lease at the gateway, and the headers say how the quota stands."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kernel.base.errors import Forbidden, Unavailable
from tests.e2e.asking import is_clear
from tests.gateway.fakes import FakeBus, a_clock, client_of

CLIENT = UUID(int=9)
ASKED = {"query": "{ clock { isShifted } }"}


def a_token(**claims):
    parts = ({"alg": "Ed25519"}, {"sub": str(CLIENT), "knd": "client", **claims})
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + ".x"
    )


def a_lease(calls, **changes):
    now = datetime.now(UTC)
    given = {"client_id": str(CLIENT), "calls": calls, "per_minute": 20, "per_day": 100}
    ends = {"minute_ends_at": now + timedelta(seconds=30), "day_ends_at": now + timedelta(hours=5)}
    left = {"left_in_minute": 20 - calls, "left_in_day": 100 - calls}
    return given | {n: e.isoformat() for n, e in ends.items()} | left | changes


def by_a_program(token=None):
    return {"Authorization": f"Bearer {token or a_token()}"}


async def test_a_lease_is_used_up_before_another_is_asked_for():
    bus = FakeBus(clock=a_clock(), lease_calls=a_lease(2))
    async with client_of(bus) as client:
        answers = [await client.post("/graphql", json=ASKED, headers=by_a_program()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert bus.asked.count("directory.lease_calls") == 2
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["19", "18", "19"]
    assert answers[0].headers["ratelimit-limit"] == "20"
    assert answers[0].headers["ratelimit-policy"] == "20;w=60, 100;w=86400"
    assert 0 < int(answers[0].headers["ratelimit-reset"]) <= 30


@pytest.mark.parametrize(("left_in_day", "least", "most"), [(50, 1, 30), (0, 3600, 18000)])
async def test_a_spent_quota_is_refused_clearly_before_anything_is_run(left_in_day, least, most):
    spent = a_lease(0, left_in_minute=0, left_in_day=left_in_day)
    bus = FakeBus(clock=a_clock(), lease_calls=spent)
    async with client_of(bus) as client:
        answer = await client.post("/graphql", json=ASKED, headers=by_a_program())
    assert answer.status_code == 429
    assert bus.asked == ["directory.lease_calls"]
    [error] = answer.json()["errors"]
    assert is_clear(error["extensions"])["code"] == "quota_spent"
    assert least <= int(answer.headers["retry-after"]) <= most
    assert answer.headers["ratelimit-remaining"] == "0"


@pytest.mark.parametrize("left_in_day", [50, 0])
async def test_a_spent_quota_asks_the_directory_once_until_there_are_calls_again(left_in_day):
    now = datetime.now(UTC)
    spent = a_lease(0, left_in_minute=0, left_in_day=left_in_day)
    over = {name: (now - timedelta(seconds=1)).isoformat() for name in ("minute_ends_at", "day_ends_at")}
    leases = [spent | over, spent, a_lease(2)]
    bus = FakeBus(clock=a_clock(), lease_calls=lambda body: leases.pop(0))
    async with client_of(bus) as client:
        answers = [await client.post("/graphql", json=ASKED, headers=by_a_program()) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [429] * 5
    assert bus.asked.count("directory.lease_calls") == 2, (
        "one whose time was over, and one that is remembered"
    )


async def test_a_program_that_is_not_let_in_any_more_is_refused_at_once():
    bus = FakeBus(clock=a_clock(), lease_calls=Forbidden("client_revoked"))
    async with client_of(bus) as client:
        answer = await client.post("/graphql", json=ASKED, headers=by_a_program())
    assert answer.status_code == 403
    assert is_clear(answer.json()["errors"][0]["extensions"])["code"] == "client_revoked"


async def test_people_and_strangers_are_not_counted():
    bus = FakeBus(clock=a_clock())
    async with client_of(bus) as client:
        for headers in (
            {},
            by_a_program(a_token(knd="person")),
            by_a_program("no.grant"),
            by_a_program("a.b.c"),
        ):
            answer = await client.post("/graphql", json=ASKED, headers=headers)
            assert answer.status_code == 200
            assert "ratelimit-limit" not in answer.headers
    assert "directory.lease_calls" not in bus.asked


async def test_a_forged_token_uses_up_nobodys_calls():
    """A forged token is another text than the true one, so it has no lease and gets none."""
    answers = {"given": a_lease(2)}
    bus = FakeBus(clock=a_clock(), lease_calls=lambda body: answers["given"])
    async with client_of(bus) as client:
        await client.post("/graphql", json=ASKED, headers=by_a_program())
        answers["given"] = Forbidden("bad_grant")
        forged = await client.post("/graphql", json=ASKED, headers=by_a_program(a_token(x=1)))
        assert forged.status_code == 401
        true = await client.post("/graphql", json=ASKED, headers=by_a_program())
    assert true.headers["ratelimit-remaining"] == "18"


async def test_while_the_directory_is_away_a_known_program_goes_on_with_a_small_share_and_no_other_does():
    answers = {"given": a_lease(1)}
    bus = FakeBus(clock=a_clock(), lease_calls=lambda body: answers["given"])
    async with client_of(bus) as client:
        assert (await client.post("/graphql", json=ASKED, headers=by_a_program())).status_code == 200
        answers["given"] = Unavailable("service_unavailable", service="directory")
        said = [
            (await client.post("/graphql", json=ASKED, headers=by_a_program())).status_code for _ in range(2)
        ]
        assert said == [200, 200], "a tenth of twenty"
        stranger = await client.post("/graphql", json=ASKED, headers=by_a_program(a_token(x=1)))
    assert stranger.status_code == 503
