"""Traces: who did what for one request, across processes, exported to OpenTelemetry where switched on.

Off (the default) a span is an object that hands on the traceparent it was given, and no library is loaded.

Work that waits in a table (an event in the outbox, a mail in the queue, a job) has no header that could carry
its parent. So the moment it is put there gets a span whose id is computed from the row's id: who takes
the row up later, in another process, knows its parent without anything more being stored.
"""

import logging
from contextvars import ContextVar, Token
from enum import IntEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

from kernel.base import wire

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

log = logging.getLogger(__name__)

QUEUE, BATCH, EVERY_MS = 4096, 512, 1000
"""Spans kept for the exporter; past that the oldest go, for a trace may never hold up the work."""


class Kind(IntEnum):
    """As OpenTelemetry numbers them."""

    INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = range(5)


class Span(Protocol):
    """A stretch of work; `traceparent` is what its children are given."""

    traceparent: str | None

    def note(self, **facts: Any) -> None:
        """Facts worth finding it by; never a person."""

    def failed(self, why: str) -> None:
        """Mark the span as failed; `why` is a code or the name of an error, never its text."""

    def end(self) -> None:
        """End a span that is not used as a context manager."""

    def __enter__(self) -> "Span": ...

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None: ...


class _Off:
    __slots__ = ("traceparent",)

    def __init__(self, traceparent: str | None) -> None:
        self.traceparent = traceparent

    def note(self, **facts: Any) -> None: ...

    def failed(self, why: str) -> None: ...

    def end(self) -> None: ...

    def __enter__(self) -> "_Off":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None: ...


_current: ContextVar["_On | None"] = ContextVar("span", default=None)
_wanted_id: ContextVar[int | None] = ContextVar("span_id", default=None)
_tracer: "Tracer | None" = None
_provider: "TracerProvider | None" = None


class _On:
    __slots__ = ("_otel", "_token", "traceparent")

    def __init__(self, otel: Any) -> None:
        self._otel, context = otel, otel.get_span_context()
        flags = int(context.trace_flags) & 1
        self.traceparent: str | None = f"00-{context.trace_id:032x}-{context.span_id:016x}-{flags:02x}"
        self._token: Token[Any] | None = None

    def note(self, **facts: Any) -> None:
        self._otel.set_attributes({f"eiso.{name}": value for name, value in facts.items()})

    def failed(self, why: str) -> None:
        from opentelemetry.trace import Status, StatusCode

        self._otel.set_status(Status(StatusCode.ERROR, why))

    def end(self) -> None:
        self._otel.end()

    def __enter__(self) -> "_On":
        self._token = _current.set(self)
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if self._token is not None:
            _current.reset(self._token)
        if kind is not None:
            self.failed(kind.__name__)
        self._otel.end()


def are_on() -> bool:
    """Whether spans are exported."""
    return _tracer is not None


def span(
    name: str, kind: Kind = Kind.INTERNAL, *, parent: str | None = None, own: str | None = None, **facts: Any
) -> Span:
    """A span that begins now: below `parent` (a traceparent), else below the one around it, else on top.

    `own` fixes its id, where another process must know it.
    """
    if _tracer is None:
        return _Off(parent)
    if parent is None and (around := _current.get()) is not None:
        parent = around.traceparent
    return _begin(_tracer, name, kind, parent, own, facts)


def waits(kind: str, row: Any, name: str) -> None:
    """Record that a row was put where it waits for another process: the parent of what is done with it."""
    if _tracer is not None and _current.get() is not None:
        span(name, Kind.PRODUCER, own=_id_of(kind, row)).end()


def after_waiting(kind: str, row: Any, trace_id: str | None) -> str | None:
    """The parent of whatever takes up the row."""
    return f"00-{trace_id}-{_id_of(kind, row)}-01" if trace_id else None


def _id_of(kind: str, row: Any) -> str:
    return blake2b(f"{kind}:{row}".encode(), digest_size=8).hexdigest()


def _begin(
    tracer: "Tracer", name: str, kind: Kind, parent: str | None, own: str | None, facts: dict[str, Any]
) -> _On:
    from opentelemetry.trace import SpanKind

    token = _wanted_id.set(int(own, 16)) if own else None
    try:
        attributes = {f"eiso.{fact}": value for fact, value in facts.items()}
        otel = tracer.start_span(
            name, context=_below(parent), kind=SpanKind(int(kind)), attributes=attributes or None
        )
    finally:
        if token is not None:
            _wanted_id.reset(token)
    return _On(otel)


def _below(parent: str | None) -> Any:
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    if parent is None or not wire.trace_id(parent):
        return Context()
    _, trace, above, flags = parent.split("-")
    known = SpanContext(
        int(trace, 16), int(above, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16))
    )
    return set_span_in_context(NonRecordingSpan(known), Context())


def start(process: str, to: str, share: float = 1.0) -> None:
    """Export spans to `to` (`file:///folder` or an OTLP address) from now on; nowhere where `to` is empty.

    Which traces are exported is decided by their id alone, so that all processes choose the same.
    """
    global _tracer, _provider
    if not to:
        return
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

    from kernel.life.otlp import exporter

    class Ids(RandomIdGenerator):
        def generate_span_id(self) -> int:
            return _wanted_id.get() or super().generate_span_id()

    _provider = TracerProvider(
        sampler=TraceIdRatioBased(share),
        resource=Resource({"service.name": process}),
        id_generator=Ids(),
        shutdown_on_exit=False,
    )
    # Its thread is a green one where the process is green: started after eventlet has patched.
    batches = BatchSpanProcessor(exporter(process, to), QUEUE, EVERY_MS, BATCH)
    _provider.add_span_processor(batches)
    _tracer = _provider.get_tracer("eiso")
    log.info("traces are told", extra={"facts": {"to": to, "share": share}})


def stop() -> None:
    """Hand over what is left and be off again."""
    global _tracer, _provider
    provider, _tracer, _provider = _provider, None, None
    if provider is not None:
        provider.shutdown()
