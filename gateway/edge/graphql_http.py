"""GraphQL over HTTP: one operation per request, by POST as JSON, read within limits."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateway.bus.refused import SIGN_IN, Refused
from gateway.edge import measures
from gateway.edge.media import JSON, chosen_type, wants_200
from gateway.edge.quotas import Quotas
from gateway.graphql.context import Context
from gateway.graphql.explain import defect
from gateway.graphql.guard import MOST_ERRORS, Guard, Unreadable, chosen
from gateway.graphql.problems import error_of
from gateway.schema.assembled import Schema
from kernel.base import wire
from kernel.base.errors import Forbidden, Invalid, Refusal

log = logging.getLogger(__name__)

BODY_SECONDS = 20.0
DRAINED = 32 * 1024 * 1024
"""Bytes of an oversized body that are read and thrown away, so that the client hears the answer."""
LONGEST_TOKEN = 10_240


class Stop(Exception):
    """The request is answered before it reaches GraphQL."""

    def __init__(self, status: int, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.status, self.refusal = status, refusal


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a client sent."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


class GraphQLEndpoint:
    """Answers `POST /graphql`."""

    def __init__(
        self, schema: Schema, guard: Guard, make_context: Callable[[str | None, str, str], Context]
    ) -> None:
        self.schema, self.guard, self.make_context = schema, guard, make_context
        self.quotas = Quotas()

    async def answer(self, request: Request) -> Response:
        """The one answer to a request, whatever it holds."""
        begun, traceparent, name = time.perf_counter(), request.state.traceparent, measures.OTHER
        headers: Mapping[str, str] = {}
        unread = False
        try:
            token = bearer(request.headers.get("authorization"))
            asked = await self._asked(request, token)
            document = self.guard.read(asked.query)
            operation = chosen(document, asked.operation_name)
            name = measures.label_of(document, asked.operation_name)
            if operation is OperationType.SUBSCRIPTION:
                raise Stop(400, Invalid("subscription_over_http"))
            context = self.make_context(token, traceparent, request.state.address)
            context.guard = self.guard
            measures.weighed(self.guard.size_of(asked.query))
            if (counted := await self.quotas.count(context)) is not None:
                headers = counted.headers
                if counted.refused is not None:
                    raise Stop(429, counted.refused)
            status, body = await self._run(asked, context)
            unread = status == 400
        except Stop as stop:
            status, body = stop.status, _traced([error_of(stop.refusal.as_data())], traceparent)
        except Refused as refused:
            # A program that is not let in any more is refused before anything is run.
            status = 503 if refused.is_outage else 401 if refused.needs_sign_in else 403
            body = _traced([error_of(refused.data)], traceparent)
        except Unreadable as unreadable:
            status, body = 400, _traced(unreadable.errors, traceparent)
            unread = True
        if status == 401:
            headers = {**headers, "www-authenticate": challenge(request)}
        _measure(name, status, body, time.perf_counter() - begun)
        accept = request.headers.get("accept")
        if unread and wants_200(accept):
            status = 200
        return json_response(body, status, headers, chosen_type(accept))

    async def _asked(self, request: Request, token: str | None) -> Asked:
        given = request.headers.get("content-type", "")
        if given.partition(";")[0].strip().lower() != "application/json":
            raise Stop(415, Invalid("json_only", given=given[:100]))
        limits = self.guard.limits
        return _parsed(await read_body(request, limits.signed_in_body_bytes if token else limits.body_bytes))

    async def _run(self, asked: Asked, context: Context) -> tuple[int, dict[str, Any]]:
        result = await self.schema.execute(
            asked.query,
            variable_values=asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
        )
        if not result.errors:
            return 200, {"data": result.data}
        errors = [error.formatted for error in result.errors[:MOST_ERRORS]]
        # Without a path an error is about the request as a whole: nothing was run.
        if result.data is None and all(error.path is None for error in result.errors):
            return 400, {"errors": errors}
        if not_signed_in(result.data, errors):
            return 401, {"errors": errors}
        return 200, {"data": result.data, "errors": errors}


def not_signed_in(data: Any, errors: list[Any]) -> bool:
    """Whether nothing was given because nobody is signed in; where a part was, the request has succeeded."""
    if data and any(value is not None for value in data.values()):
        return False
    return any(error["extensions"].get("code") == SIGN_IN for error in errors)


def challenge(request: Request) -> str:
    """The `WWW-Authenticate` of a 401 (RFC 6750): without a token nothing is said to be wrong with one."""
    wrong = ', error="invalid_token"' if "authorization" in request.headers else ""
    return f'Bearer realm="eiso"{wrong}'


def bearer(header: str | None) -> str | None:
    """The token in an Authorization header, or None when there is no header."""
    if header is None:
        return None
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN or " " in token:
        raise Stop(401, Forbidden(SIGN_IN, "authorization"))
    return token


async def read_body(request: Request, limit: int) -> bytes:
    """The body, its size checked while it arrives; what is too large is read to its end and dropped."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > DRAINED:
                    break
                parts.append(part) if size <= limit else parts.clear()
    except TimeoutError:
        raise Stop(408, Invalid("body_too_slow", limit=int(BODY_SECONDS))) from None
    except ClientDisconnect:
        raise Stop(400, Invalid("not_json", detail="…")) from None
    if size > limit:
        raise Stop(413, Invalid("body_too_large", limit=limit))
    return b"".join(parts)


def _parsed(body: bytes) -> Asked:
    try:
        raw = wire.decode(body)
    except Invalid as invalid:
        raise Stop(400, invalid) from None
    if isinstance(raw, list):
        raise Stop(400, Invalid("batch_not_allowed"))
    return as_asked(raw)


def as_asked(raw: Any) -> Asked:
    """The parts of a GraphQL request, each of its right type."""
    if not isinstance(raw, dict):
        raise Stop(400, Invalid("request_malformed", "query", name="query"))
    query, variables, name = raw.get("query"), raw.get("variables"), raw.get("operationName")
    for field, fits in (
        ("query", isinstance(query, str)),
        ("variables", variables is None or isinstance(variables, dict)),
        ("operationName", name is None or isinstance(name, str)),
        ("extensions", raw.get("extensions") is None or isinstance(raw["extensions"], dict)),
    ):
        if not fits:
            raise Stop(400, Invalid("request_malformed", field, name=field))
    return Asked(query=str(query), variables=variables, operation_name=name or None)


def json_response(
    body: Mapping[str, Any], status: int, more: Mapping[str, str] | None = None, kind: str = JSON
) -> Response:
    """An answer in JSON that no cache keeps."""
    headers = {"cache-control": "no-store", **(more or {})}
    return Response(msgspec.json.encode(body), status, headers, f"{kind}; charset=utf-8")


def refusal_response(status: int, refusal: Refusal, traceparent: str) -> Response:
    """A refusal outside GraphQL, in the form that GraphQL clients know."""
    return json_response(_traced([error_of(refusal.as_data())], traceparent), status)


def defect_response(traceparent: str) -> Response:
    """A defect outside GraphQL: masked, with the trace id to look it up by."""
    trace_id = wire.trace_id(traceparent) or ""
    return json_response(_traced([error_of(defect(trace_id))], traceparent), 500)


def _traced(errors: list[dict[str, Any]], traceparent: str) -> dict[str, Any]:
    """The errors with the trace id added; those that are remembered stay as they are."""
    trace_id = {"traceId": wire.trace_id(traceparent)}
    return {"errors": [e | {"extensions": e["extensions"] | trace_id} for e in errors]}


def _measure(name: str, status: int, body: Mapping[str, Any], seconds: float) -> None:
    codes = [e.get("extensions", {}).get("code") for e in body.get("errors", ())]
    measures.REQUESTS.labels(name, str(status)).observe(seconds)
    for code in filter(None, codes):
        measures.REFUSED.labels(str(code)).inc()
    facts = {"status": status, "milliseconds": round(seconds * 1000, 1), "refused": codes}
    log.info("graphql %s", status, extra={"facts": facts})
