"""What every answer carries: its trace id, and the headers that keep browsers on the safe side."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.base import wire
from kernel.life import traces
from kernel.life.log import bind

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content security policy of answers that are no page."""

HOME = f"{NOTHING}; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"

# Monaco, the editor inside GraphiQL, writes its theme and measures into <style> elements and style
# attributes as it runs, so inline styles must be allowed there. Scripts stay files of ours only:
# no inline script, no eval, workers and fonts from here (two small fonts are inside the style sheet).
GRAPHIQL = (
    f"{NOTHING}; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self'"
)

SAFE = {
    "content-security-policy": NOTHING,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


_NAMES = {"http": "POST /graphql", "websocket": "WS /graphql"}


class Traced:
    """Takes up the caller's trace or begins one, and says its id with every answer and log line."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("traceparent")
        known = given if given and wire.trace_id(given) else None
        if scope.get("path") == "/graphql":
            with traces.span(_NAMES[scope["type"]], traces.Kind.SERVER, parent=known) as span:
                await self._traced(span.traceparent or wire.new_traceparent(), scope, receive, send)
        else:
            await self._traced(known or wire.new_traceparent(), scope, receive, send)

    async def _traced(self, traceparent: str, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["traceparent"] = traceparent
        trace_id = wire.trace_id(traceparent) or ""

        async def send_traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-trace-id"] = trace_id
            await send(message)

        with bind(trace_id):
            await self.app(scope, receive, send_traced)


class Safe:
    """Adds the security headers to every answer; a page's own policy stays."""

    def __init__(self, app: ASGIApp, *, in_production: bool) -> None:
        self.app = app
        over_tls = {"strict-transport-security": STRICT_TRANSPORT} if in_production else {}
        self.headers = SAFE | over_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    given.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_safe)
