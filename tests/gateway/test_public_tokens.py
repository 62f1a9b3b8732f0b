"""The public token is fetched once for all who ask at the same time, and again before it expires."""

import asyncio
from datetime import timedelta

import pytest

from gateway.bus.public_tokens import PublicTokenKeeper, expiry_of, seconds_until
from gateway.bus.refused import Refused
from kernel.base import clock
from kernel.base.errors import Unavailable
from tests.gateway.fakes import FakeBus, a_public_token


async def test_callers_at_the_same_time_share_one_fetch():
    bus = FakeBus()
    keeper = PublicTokenKeeper(bus)
    tokens = await asyncio.gather(*(keeper.current() for _ in range(20)))
    assert set(tokens) == {"public"}
    assert len(bus.calls) == 1


async def test_a_token_about_to_expire_is_renewed():
    bus = FakeBus(public_grant=a_public_token(seconds=30))
    keeper = PublicTokenKeeper(bus)
    await keeper.current()
    await keeper.current()
    assert len(bus.calls) == 2


async def test_a_token_fetched_before_the_clock_went_back_is_renewed(monkeypatch):
    bus = FakeBus(public_grant=a_public_token(seconds=600))
    keeper = PublicTokenKeeper(bus)
    ahead = clock.now() + timedelta(hours=1)
    with monkeypatch.context() as jumped:
        jumped.setattr(clock, "now", lambda: ahead)
        await keeper.current()
    await keeper.current()
    await keeper.current()
    assert len(bus.calls) == 2


async def test_while_the_directory_is_away_a_token_still_valid_serves():
    bus = FakeBus(public_grant=a_public_token(seconds=30))
    keeper = PublicTokenKeeper(bus)
    await keeper.current()
    bus.answers["public_grant"] = Unavailable("service_unavailable", service="directory")
    assert await keeper.current() == "public"


async def test_without_a_valid_token_the_outage_is_answered():
    bus = FakeBus(public_grant=Unavailable("service_unavailable", service="directory"))
    with pytest.raises(Refused, match="service_unavailable"):
        await PublicTokenKeeper(bus).current()


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c", "a.eyJleHAiOiAieCJ9.c", "a.W10.c", "a.eyJleHAiOjFlOTl9.c"]
)
def test_what_is_no_token_has_no_expiry(token):
    assert expiry_of(token) is None


def test_the_expiry_of_a_token_is_read():
    expires_at = expiry_of("a.eyJleHAiOjE3ODYzMjAwMDB9.c")
    assert expires_at.isoformat() == "2026-08-10T00:00:00+00:00"
    assert seconds_until(expires_at) < 10**9
