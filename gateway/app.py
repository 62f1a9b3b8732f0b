"""The gateway's parts put together: routes, the GraphQL endpoint, pages, and what runs beside them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from gateway.bus.addresses import Addressed
from gateway.bus.client import Bus
from gateway.bus.ended import Sockets
from gateway.bus.link import Link
from gateway.bus.listening import EndedQueue, NoticeQueue
from gateway.bus.live import Feeds
from gateway.bus.public_tokens import PublicTokenKeeper
from gateway.edge import health, measures
from gateway.edge.connections import Places
from gateway.edge.graphql_http import GraphQLEndpoint, defect_response, json_response, refusal_response
from gateway.edge.headers import Safe, Traced
from gateway.edge.websocket import SocketDoor
from gateway.graphql.context import Context
from gateway.graphql.guard import Guard
from gateway.pages.routes import STATIC, Pages
from gateway.schema.assembled import SCHEMA
from gateway.settings import GatewaySettings
from kernel.base.errors import Invalid, NotFound
from kernel.life import metrics, traces

EXPOSED = [
    "x-trace-id",
    "retry-after",
    "www-authenticate",
    *(f"ratelimit-{each}" for each in ("limit", "remaining", "reset", "policy")),
]
"""What a page of another origin may read of an answer beside its body."""

Endpoint = Callable[[Request], Awaitable[Response]]


class Gateway:
    """Everything one gateway process holds; nothing in it has to survive the process."""

    def __init__(self, settings: GatewaySettings, bus: Any = None) -> None:
        self.settings = settings
        self.feeds, self.ended = Feeds(), Sockets()
        self.bus: Any = bus or Bus(settings.call_timeout, settings.room)
        rooms = (self.bus, NoticeQueue(self.feeds), EndedQueue(self.ended))
        self.link = None if bus else Link(settings.amqp_uri, *rooms)
        self.public = PublicTokenKeeper(self.bus)
        self.sockets = Places(settings.connections, settings.sockets_per_address)
        self.pages = Pages(settings, self.bus, self.public)
        self.guard = Guard(SCHEMA._schema, introspection=not settings.in_production)

    def context(self, token: str | None, traceparent: str, address: str) -> Context:
        """What one request's resolvers work with."""
        return Context(
            self.bus,
            self.public,
            token=token,
            traceparent=traceparent,
            feeds=self.feeds,
            guard=self.guard,
            address=address,
        )

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=self._routes(),
            middleware=self._middleware(),
            lifespan=self._life,
            exception_handlers={HTTPException: _not_served, Exception: _failed},
        )

    @asynccontextmanager
    async def _life(self, _app: Starlette) -> AsyncIterator[None]:
        if self.link:
            measures.IN_FLIGHT.set_function(lambda: len(self.bus.waiting))
            measures.CONNECTED.set_function(lambda: int(self.bus.is_ready))
            self.link.start()
        try:
            yield
        finally:
            if self.link:
                await self.link.stop()
            await self.pages.close()
            await asyncio.to_thread(traces.stop)

    def _routes(self) -> list[BaseRoute]:
        endpoint = GraphQLEndpoint(SCHEMA, self.guard, self.context)
        places, origins = self.sockets, self.settings.origins
        socket = SocketDoor(SCHEMA, self.guard, self.context, places, origins, ended=self.ended)
        always: list[BaseRoute] = [
            Route("/graphql", endpoint.answer, methods=["POST"]),
            WebSocketRoute("/graphql", socket),
            Route("/", self.pages.home),
            Route("/processes", observed(self.pages.processes)),
            Route("/live", _live),
            Route("/ready", observed(partial(_ready, self))),
            Route("/metrics", observed(_metrics)),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        if self.settings.in_production:
            return always
        shown = [Route("/graphiql", self.pages.graphiql), Route("/schema.graphql", self.pages.schema)]
        return [*always, *shown]

    def _middleware(self) -> list[Middleware]:
        made = [
            Middleware(Addressed, trusted=self.settings.proxies, observers=self.settings.watchers),
            Middleware(Traced),
            Middleware(Safe, in_production=self.settings.in_production),
        ]
        if self.settings.origins:
            cors = Middleware(
                CORSMiddleware,
                allow_origins=self.settings.origins,
                allow_methods=["POST"],
                allow_headers=["authorization", "content-type", "traceparent"],
                expose_headers=EXPOSED,
                max_age=7200,
            )
            made.append(cors)
        return made


def observed(endpoint: Endpoint) -> Endpoint:
    """A page of those who keep the platform; to everybody else there is no such page."""

    async def answer(request: Request) -> Response:
        if not request.state.observes:
            raise HTTPException(404)
        return await endpoint(request)

    return answer


async def _live(_request: Request) -> Response:
    return json_response({"process": "gateway", "live": True}, 200)


async def _ready(gateway: Gateway, _request: Request) -> Response:
    faults = await health.faults_of(gateway.bus, gateway.public)
    body = {"process": "gateway", "ready": not faults, "faults": faults}
    return json_response(body, 503 if faults else 200)


async def _metrics(_request: Request) -> Response:
    return Response(metrics.exposition(), media_type="text/plain; version=0.0.4")


async def _not_served(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    refusal = Invalid("post_only") if status == 405 else NotFound("page_not_found")
    answer = refusal_response(status, refusal, request.state.traceparent)
    if status == 405:
        answer.headers["allow"] = "POST" if request.url.path == "/graphql" else "GET"
    return answer


async def _failed(request: Request, _error: Exception) -> Response:
    return defect_response(request.state.traceparent)
