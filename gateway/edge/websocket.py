"""GraphQL over WebSocket: subscriptions only, `graphql-transport-ws` only, for as long as the token lives."""

import asyncio
import logging
from datetime import timedelta
from typing import Any, cast

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.types.unset import UNSET, UnsetType

from contracts.authority import ReliesOn, relied_on
from contracts.directory.access import Me
from gateway.bus.ended import Sockets
from gateway.bus.public_tokens import claims_of, expiry_of, seconds_until
from gateway.bus.refused import SIGN_IN, Defect, Refused
from gateway.edge import measures
from gateway.edge.connections import Places
from gateway.edge.graphql_http import Stop, as_asked, bearer, refusal_response
from gateway.graphql.context import Context
from gateway.graphql.guard import Guard, Unreadable, chosen
from gateway.graphql.problems import error_of
from gateway.schema.assembled import Schema
from kernel.base.errors import Forbidden, Invalid, Unavailable

log = logging.getLogger(__name__)

NO_PAYLOAD: UnsetType = UNSET
INTERNAL_ERROR, TRY_AGAIN_LATER, FORBIDDEN = 1011, 1013, 4403
LONGEST_LIFE = 600.0
"""Seconds a connection may live at most: no token lives longer."""
MOST_SUBSCRIPTIONS = 10
INIT_SECONDS = 10.0
"""How long a client may take to say who it is; until then anybody may hold the connection."""
IDLE_SECONDS = 120.0
"""How long a connection may live that listens for nothing."""
IDLE = 4408


class Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """Strawberry's protocol handler, made to bear any message and to end with the token."""

    life: asyncio.TimerHandle | None = None
    relies_on: tuple[ReliesOn, ...] = ()
    idle: asyncio.Task[None] | None = None

    async def handle_message(self, message: Any) -> None:
        """Refuse what is not even an object; Strawberry expects one."""
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            return await self.handle_invalid_message("Message must be an object with a type")
        if message["type"] in ("subscribe", "complete") and not isinstance(message.get("id"), str):
            return await self.handle_invalid_message("Message must have an id")
        return await super().handle_message(cast(Any, message))

    async def handle_connection_init(self, message: Any) -> None:
        """Once a token is accepted, its end is the connection's end."""
        try:
            await super().handle_connection_init(message)
        except Refused as refused:
            if refused.needs_sign_in:
                await self.websocket.close(FORBIDDEN, SIGN_IN)
            else:
                await self.websocket.close(TRY_AGAIN_LATER, "Temporarily unavailable")
        except Defect:
            log.exception("a defect while accepting a connection")
            await self.websocket.close(INTERNAL_ERROR, "Internal error")
        if self.connection_acknowledged and self.life is None:
            measures.OPEN.add(self)
            self.relies_on = relied_on(claims_of(self.context.token or ""))
            self.view.ended.open.add(self)  # type: ignore[attr-defined]
            loop = asyncio.get_running_loop()
            self.life = loop.call_later(
                life_of(self.context.token), lambda: asyncio.ensure_future(self._expire())
            )
            self.idle = asyncio.create_task(self._close_idle())

    async def handle_subscribe(self, message: Any) -> None:
        """The document is read as on HTTP before Strawberry sees it."""
        try:
            asked = as_asked(message.get("payload"))
            document = self.view.guard.read(asked.query)  # type: ignore[attr-defined]
            if chosen(document, asked.operation_name) is not OperationType.SUBSCRIPTION:
                raise Stop(400, Invalid("only_subscriptions_here"))
        except (Stop, Unreadable) as no:
            return await self._refuse(message["id"], no)
        return await super().handle_subscribe(message)

    async def shutdown(self) -> None:
        """The client has gone."""
        measures.OPEN.discard(self)
        self.view.ended.open.discard(self)  # type: ignore[attr-defined]
        if self.life:
            self.life.cancel()
        if self.idle:
            self.idle.cancel()
        await super().shutdown()

    async def _close_idle(self) -> None:
        """A connection without a subscription serves nobody; it is looked at now and then."""
        looked_in_vain = 0
        while looked_in_vain < 2:
            await asyncio.sleep(IDLE_SECONDS / 2)
            looked_in_vain = 0 if self.operations else looked_in_vain + 1
        await self.websocket.close(IDLE, "Nothing is listened for")

    def end(self) -> None:
        """What the token relies on has ended."""
        self._ending = asyncio.ensure_future(self._expire())

    def ask_again(self) -> None:
        """Whether the token is still good: an end may have been missed."""
        self._asking = asyncio.ensure_future(self._ask_again())

    async def _ask_again(self) -> None:
        try:
            await self.context.ask(Me())
        except Refused as refused:
            if not refused.is_outage:
                await self._expire()
        except Defect:
            log.exception("a defect while asking for a connection's grant")

    async def _expire(self) -> None:
        # Cancelled operations say nothing more, so the client takes the closing as a reason to
        # connect again with a new token and to resume after the last number it has seen.
        for operation_id in list(self.operations):
            await self.cleanup_operation(operation_id)
        await self.websocket.close(FORBIDDEN, SIGN_IN)

    async def _refuse(self, operation_id: str, no: Stop | Unreadable) -> None:
        errors = no.errors if isinstance(no, Unreadable) else [error_of(no.refusal.as_data())]
        await self.send_message(cast(Any, {"id": operation_id, "type": "error", "payload": errors}))


class SocketDoor(GraphQL[Context, None]):
    """Answers WebSockets on `/graphql`."""

    graphql_transport_ws_handler_class = Handler

    def __init__(
        self,
        schema: Schema,
        guard: Guard,
        make_context: Any,
        places: Places,
        origins: Any = (),
        *,
        ended: Sockets | None = None,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            max_subscriptions_per_connection=MOST_SUBSCRIPTIONS,
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
            allowed_origins=origins,
        )
        self.guard, self.make_context, self.places = guard, make_context, places
        self.ended = ended or Sockets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection, while there is a place for it."""
        with self.places.one(scope["state"]["address"]) as has_place:
            if has_place:
                await super().__call__(scope, receive, send)
            else:
                refusal = Unavailable("too_many_sockets", limit=self.places.per_address)
                answer = refusal_response(429, refusal, scope["state"]["traceparent"])
                await WebSocket(scope, receive, send).send_denial_response(answer)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """One context for the connection; who it is comes with the first message."""
        context: Context = self.make_context(None, request.state.traceparent, request.state.address)
        context.guard = self.guard
        return context

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Accept a token by asking the directory who it belongs to: the gateway verifies none itself."""
        try:
            context.token = bearer((context.connection_params or {}).get("authorization"))
            context.signed_in()
            me = await context.ask(Me())
        except (Stop, AttributeError):
            raise Refused.because(Forbidden(SIGN_IN)) from None
        except Refused as refused:
            if refused.is_outage or refused.needs_sign_in:
                raise
            raise ConnectionRejectionError from None
        context.person_id = me.person.id
        return NO_PAYLOAD


def life_of(token: str | None) -> float:
    """Seconds until a connection with this token ends."""
    expires_at = expiry_of(token or "")
    left = seconds_until(expires_at) if expires_at else LONGEST_LIFE
    return max(0.0, min(left, LONGEST_LIFE))
