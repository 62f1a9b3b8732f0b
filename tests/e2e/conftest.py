"""One whole platform for all end-to-end tests, met as a client meets it: GraphQL, the store, the mail sink.

These tests run under asyncio, in a process that eventlet has not patched.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio

from demo.province import staff
from demo.story.cast import OPENING
from deploy.local import servers, status, up
from deploy.local.instance import Instance
from deploy.local.platform import Platform
from kernel.base import clock
from tests.client import Gateway
from tests.e2e.asking import seen_by

INSTANCE = "e2e"
# The story has its agencies to itself; what is tested beside it happens in these.
DEPARTMENT, COMMUNE, ANOTHER_COMMUNE = "H42.008", "H42.14329", "H42.14638"
TRACE_OF_A_STACK = re.compile(r'Traceback|File \\?"|\.py\b|line \d+, in |sqlalchemy|psycopg|/usr/|/home/')


# Every reconciliation reads all event logs: those who ask for a dozen do so while the logs are short.
FIRST = "test_what_operators_do"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The operators' tests before the others."""
    items.sort(key=lambda item: item.path.stem != FIRST)


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """Everything up and watched on an empty ground, with the few agencies whose staff have accounts.

    At the end, after all that the tests did, every event has arrived, and projections agree with the logs.
    """
    servers.remove(INSTANCE)
    instance = Instance.named(INSTANCE)
    instance.make()
    clock.shift_to(instance.clock_file, OPENING, frozen=True)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("EISO_OBSERVE", "1")
        with up.running(INSTANCE, demo=("--without-documents", "--small")) as started:
            yield started
            # Not at the top: the ledger imports these fixtures.
            from tests.faults.ledger import reconciled

            reconciled(started)


def check(answer: httpx.Response) -> None:
    """Whatever is asked: no answer of the gateway is a 5xx or lets its insides be seen."""
    assert answer.status_code < 500, answer.text
    if answer.headers.get("content-type", "").startswith("application/json"):
        assert not (seen := TRACE_OF_A_STACK.search(answer.text)), seen


@asynccontextmanager
async def a_client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the gateway each of whose answers is checked."""

    async def look(answer: httpx.Response) -> None:
        if str(answer.url).startswith(platform.gateway_url):
            await answer.aread()
            check(answer)

    hooks = {"response": [look]}
    async with httpx.AsyncClient(base_url=platform.gateway_url, timeout=30, event_hooks=hooks) as client:
        yield client


@pytest.fixture
async def http(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(platform) as client:
        yield client


def member_of(agency: str, key: str) -> staff.Member:
    """The one invented person in that position."""
    return next(m for m in staff.members() if (m.agency_code, m.key) == (agency, key))


SignIn = Callable[[str, str], Awaitable[Gateway]]


async def enter(platform: Platform, http: httpx.AsyncClient, agency: str, key: str) -> Gateway:
    """The gateway for one person."""
    username = member_of(agency, key).username
    return await Gateway(http).sign_in(username, platform.passwords["demo_accounts"])


@pytest.fixture
def sign_in(platform: Platform, http: httpx.AsyncClient) -> SignIn:
    """`await sign_in(DEPARTMENT, "secretary")`: the gateway for that person."""
    return lambda agency, key: enter(platform, http, agency, key)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unharmed(platform: Platform) -> AsyncIterator[None]:
    """After the module: the same processes as before, all ready, and nobody sees anything new."""
    await _quiet(platform)
    running, seen = pids(platform), await _seen_by_all(platform)
    yield
    await _quiet(platform)
    assert pids(platform) == running, "no process was started again"
    assert all_ready(platform)
    assert await _seen_by_all(platform) == seen


async def _quiet(platform: Platform) -> None:
    """Until everything published has been heard: what is on its way changes what people see by itself."""
    from tests.faults.ledger import left_over

    await eventually(lambda: not left_over(platform), within=60)


async def _seen_by_all(platform: Platform) -> list[Any]:
    async with a_client(platform) as http:
        callers = [
            await enter(platform, http, agency, key)
            for agency in (DEPARTMENT, COMMUNE)
            for key in ("head", "secretary")
        ]
        return [await seen_by(caller) for caller in callers]


async def eventually(find: Callable[[], Any], within: float = 20) -> Any:
    """What `find` returns once it is truthy; fails when that takes longer than `within` seconds."""
    limit = time.monotonic() + within
    while True:
        found = find()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < limit, f"not within {within} s: {found!r}"
        await asyncio.sleep(0.05)


def pids(platform: Platform) -> dict[str, int | None]:
    """Every process of the platform and its pid."""
    return {state.name: state.pid for state in status.states_of(platform)}


def all_ready(platform: Platform) -> bool:
    return all(state.is_ready for state in status.states_of(platform))


async def mails_to(platform: Platform, address: str) -> list[dict[str, Any]]:
    """What the mail sink shows of one address."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{platform.mail_url}/mails.json", params={"to": address})
    found: list[dict[str, Any]] = json.loads(answer.text)
    return found
