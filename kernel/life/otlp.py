"""Spans in OTLP's JSON, as lines of a file or posted to a collector: the library's own wants protobuf."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from kernel.life import metrics

log = logging.getLogger(__name__)

FILE_BYTES = 32 * 1024 * 1024
"""A file grows no further; the one before it is kept, and no other."""
POST_SECONDS = 5


def exporter(process: str, to: str) -> SpanExporter:
    """Where spans go by the address in the settings."""
    where = urlsplit(to)
    if where.scheme == "file":
        return ToFile(Path(unquote(where.path)) / f"{process}.jsonl")
    return ToCollector(to)


class _Exporter(SpanExporter):
    """Sends batches one way or another; one that cannot be sent is counted and let go."""

    def send(self, body: bytes) -> None:
        raise NotImplementedError

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            self.send(json.dumps(as_otlp(spans), ensure_ascii=False, separators=(",", ":")).encode())
        except (OSError, URLError) as error:
            metrics.SPANS.labels("lost").inc(len(spans))
            log.warning("spans are lost: %s: %s", type(error).__name__, error)
            return SpanExportResult.FAILURE
        metrics.SPANS.labels("told").inc(len(spans))
        return SpanExportResult.SUCCESS


class ToFile(_Exporter):
    """One line a batch, as OTLP's file exporter writes them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, body: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size + len(body) > FILE_BYTES:
            self.path.replace(self.path.with_suffix(".1.jsonl"))
        with self.path.open("ab", buffering=0) as file:
            file.write(body + b"\n")


class ToCollector(_Exporter):
    """OTLP over HTTP, as every collector takes it at `/v1/traces`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, body: bytes) -> None:
        request = Request(self.url, body, {"Content-Type": "application/json"}, method="POST")
        with urlopen(request, timeout=POST_SECONDS) as answer:
            answer.read()


def as_otlp(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    """A batch of one process as OTLP's `TracesData`."""
    about = _attributes(dict(spans[0].resource.attributes)) if spans else []
    scope = {"scope": {"name": "eiso"}, "spans": [_span(each) for each in spans]}
    return {"resourceSpans": [{"resource": {"attributes": about}, "scopeSpans": [scope]}]}


def _span(span: ReadableSpan) -> dict[str, Any]:
    context, parent = span.get_span_context(), span.parent
    assert context is not None
    return {
        "traceId": f"{context.trace_id:032x}",
        "spanId": f"{context.span_id:016x}",
        "parentSpanId": f"{parent.span_id:016x}" if parent else "",
        "name": span.name,
        "kind": span.kind.value + 1,
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(dict(span.attributes or {})),
        "status": {"code": span.status.status_code.value, "message": span.status.description or ""},
    }


def _attributes(given: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in given.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": str(value)}
