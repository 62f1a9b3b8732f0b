"""The gateway as one person, for the commands that enter what somebody has the right to enter."""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx

from client.gateway import Gateway, Refused
from deploy.speech import both, complain
from ops.asking import NobodyThere, secret
from ops.chosen_platform import NoPlatform, platform_of
from ops.sheets import BadSheet

FRESH = 480.0
"""Seconds after which one signs in anew: a session token lasts ten minutes."""


class CouldNot(Exception):
    """The work did not come to its end; `code` is the catalogue's."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)


class SignedIn:
    """Signed in anew before the token runs out."""

    def __init__(self, http: httpx.AsyncClient, username: str, password: str) -> None:
        self.nobody, self.username, self._password = Gateway(http, tries=3), username, password
        self.person: Gateway | None = None
        self.since = 0.0

    async def gateway(self) -> Gateway:
        if self.person is None or time.monotonic() - self.since > FRESH:
            self.person = await self.nobody.enter(self.username, self._password)
            self.since = time.monotonic()
        return self.person


def arguments(parser: argparse.ArgumentParser) -> None:
    """Who enters it, and where."""
    parser.add_argument("--dry-run", action="store_true", help=both("ops_help_people_dry"))
    parser.add_argument("--username", required=True, help=both("ops_help_people_username"))
    parser.add_argument("--gateway", help=both("ops_help_people_gateway"))


@asynccontextmanager
async def opened(asked: argparse.Namespace, *, seconds: float) -> AsyncIterator[SignedIn]:
    """The password is asked for, or stands in EISO_PASSWORD; `seconds` is what one answer may take."""
    gateway, password = asked.gateway or _gateway_of(asked), _password()
    async with httpx.AsyncClient(base_url=gateway, timeout=seconds) as http:
        yield SignedIn(http, asked.username, password)


def _password() -> str:
    if given := os.environ.get("EISO_PASSWORD"):
        return given
    try:
        typed = secret("people_password_ask")
    except NobodyThere:
        raise CouldNot("people_password_none") from None
    if not typed:
        raise CouldNot("people_password_none")
    return typed


def _gateway_of(asked: argparse.Namespace) -> str:
    try:
        return platform_of(asked).gateway_url
    except NoPlatform as failure:
        complain(failure.code, **failure.facts)
        raise CouldNot("people_no_platform") from None


def come_out(work: Coroutine[Any, Any, int]) -> int:
    """What the work comes to; 2 where it could not be done, and a word why."""
    try:
        return asyncio.run(work)
    except (BadSheet, CouldNot) as failure:
        complain(failure.code, **failure.facts)
    except (OSError, httpx.HTTPError, httpx.InvalidURL) as failure:
        about = getattr(failure, "filename", None)
        complain("people_gateway_away", what=": ".join(filter(None, (type(failure).__name__, about))))
    except Refused as refused:
        print(refused.problem["message"], file=sys.stderr)
        print(f"  → {refused.problem.get('remedy') or ''}", file=sys.stderr)
    return 2
