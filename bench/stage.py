"""The platform that rows are measured on, and what they need of it: tokens, calls, its databases."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from deploy.local import environment
from deploy.local.platform import Platform
from deploy.platform.session_token_keys import private_file
from gateway.bus.client import Bus
from gateway.bus.link import Link
from kernel.base import clock
from kernel.trust.identity import Actor, Held, sign_token


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One running platform and how long it took to stand."""

    platform: Platform
    ready_seconds: float

    def token(self, *roles: str, agency: UUID, with_subtree: bool = False) -> str:
        """A session token of an invented person, as the directory would sign it; good for ten minutes."""
        actor = Actor(
            kind="person",
            person_id=uuid4(),
            position_id=uuid4(),
            agency_id=agency,
            roles=tuple(Held(role=role, agency_id=agency, with_subtree=with_subtree) for role in roles),
        )
        key = json.loads(private_file(self.platform.instance.keys).read_text("utf-8"))
        return sign_token(key, actor, clock.now(), timedelta(minutes=10))

    def database(self, service: str) -> "psycopg.Connection[tuple[Any, ...]]":
        """A service's database with all rights, in autocommit."""
        return psycopg.connect(self.platform.admin_url_of(service), autocommit=True)

    def environment(self, service: str) -> dict[str, str]:
        """What the service's own process was given."""
        return environment.read(environment.file_of(self.platform, service))

    def root(self) -> UUID:
        """The province itself."""
        with self.database("audits") as connection:
            row = connection.execute("select id from agency_nodes where parent_id is null").fetchone()
        assert row is not None, "the demonstration is not loaded"
        found: UUID = row[0]
        return found

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[Bus]:
        """The gateway's own way of calling, on a connection of its own."""
        bus = Bus(30)
        link = Link(self.platform.amqp_uri("gateway"), bus)
        link.start()
        try:
            async with asyncio.timeout(15):
                await bus.flows.wait()
            yield bus
        finally:
            await link.stop()
