"""The addresses a person opens: the home page, GraphiQL, and the files they need."""

import asyncio
import json
import logging
from pathlib import Path

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from contracts.directory.access import Clock, ClockView
from gateway.bus.client import Bus
from gateway.bus.public_tokens import PublicTokenKeeper
from gateway.edge import headers, health
from gateway.pages.graphiql import graphiql_page
from gateway.pages.home import home_page
from gateway.pages.shown import DemoAccount, Home, Progress, accounts_from, progress_from
from gateway.pages.state import renewed
from gateway.schema.assembled import COMMITTED
from gateway.settings import GatewaySettings
from kernel.base import wire
from kernel.base.clock import now

log = logging.getLogger(__name__)

PROGRESS_FILE = "demo-progress.json"
RENEWED_WITHIN = 60
"""Seconds: a loader that lives writes its progress more often, so an older one is of a loader that died."""
STATIC = Path(__file__).parents[1] / "static"


class Pages:
    """What the home page needs to know, asked anew for each visit."""

    def __init__(self, settings: GatewaySettings, bus: Bus, public: PublicTokenKeeper) -> None:
        self.settings, self.bus, self.public = settings, bus, public
        self.client = httpx.AsyncClient(trust_env=False)

    async def home(self, request: Request) -> Response:
        """`GET /`"""
        shown = await self._home(request)
        return HTMLResponse(home_page(shown), headers=_page(headers.HOME))

    async def processes(self, request: Request) -> Response:
        """`GET /processes`: the parts of the home page that are renewed while it is open."""
        shown = await self._home(request)
        return HTMLResponse(renewed(shown), headers=_page(headers.NOTHING))

    async def graphiql(self, request: Request) -> Response:
        """`GET /graphiql`"""
        page = graphiql_page(_language(request), missing=not _is_built())
        return HTMLResponse(page, headers=_page(headers.GRAPHIQL))

    async def schema(self, _request: Request) -> Response:
        """`GET /schema.graphql`"""
        return PlainTextResponse(COMMITTED.read_text("utf-8"))

    async def close(self) -> None:
        """Let go of the connections to the processes' health ports."""
        await self.client.aclose()

    async def _states(self, request: Request) -> list[health.ProcessState]:
        """How the processes stand, for those who may see it: others cost no call to any of them."""
        if not request.state.observes:
            return []
        faults, others = await asyncio.gather(
            health.faults_of(self.bus, self.public),
            health.states_of(self.client, self.settings.targets),
        )
        gateway = health.ProcessState(name="gateway", is_up=True, is_ready=not faults, faults=faults)
        return [gateway, *others]

    async def _home(self, request: Request) -> Home:
        clock, states = await asyncio.gather(self._clock(), self._states(request))
        return Home(
            language=_language(request),
            processes=states,
            clock=clock,
            accounts=self._accounts(),
            progress=self._progress(_language(request)),
            mail_url=self.settings.mail_sink_url,
            has_graphiql=not self.settings.in_production,
            trace_id=wire.trace_id(request.state.traceparent) or "",
        )

    async def _clock(self) -> ClockView | None:
        try:
            async with asyncio.timeout(health.PATIENCE):
                token = await self.public.current()
                raw = await self.bus.call("directory.clock", wire.dump(Clock()), token=token)
            return msgspec.convert(raw, ClockView)
        except Exception as error:
            log.info("the home page goes without the business clock: %s", type(error).__name__)
            return None

    def _progress(self, language: str) -> Progress | None:
        """How far the demonstration's data is loaded: its loader says so beside the accounts' file."""
        path = self.settings.demo_accounts_file
        if self.settings.in_production or path is None:
            return None
        try:
            file = Path(path).with_name(PROGRESS_FILE)
            if now().timestamp() - file.stat().st_mtime > RENEWED_WITHIN:
                return None
            return progress_from(json.loads(file.read_text("utf-8")), language)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            log.warning("the demonstration's progress cannot be read: %r", error)
            return None

    def _accounts(self) -> list[DemoAccount] | None:
        """The demonstration accounts; none in production whatever is set, an empty list until loaded."""
        path = self.settings.demo_accounts_file
        if self.settings.in_production or path is None:
            return None
        try:
            return accounts_from(json.loads(Path(path).read_text("utf-8")))
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError) as error:
            log.warning("the file of demonstration accounts cannot be read: %r", error)
            return []


def _language(request: Request) -> str:
    return "en" if request.query_params.get("lang") == "en" else "vi"


def _is_built() -> bool:
    return (STATIC / "graphiql" / "graphiql.js").exists()


def _page(policy: str) -> dict[str, str]:
    return {"content-security-policy": policy, "cache-control": "no-store"}
