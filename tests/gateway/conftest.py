"""The gateway's tests run under asyncio, in a process that eventlet has not patched."""

import pytest

from tests.gateway.fakes import FakeBus, a_clock, client_of


@pytest.fixture
async def client():
    """A gateway whose bus answers nothing but the public token and the clock."""
    async with client_of(FakeBus(clock=a_clock())) as made:
        yield made
