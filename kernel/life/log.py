"""One line of JSON for each thing worth a line, with the trace id that joins all processes."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

import msgspec

from kernel.base import clock

_trace: ContextVar[str | None] = ContextVar("trace_id", default=None)


@contextmanager
def bind(trace_id: str | None) -> Iterator[None]:
    """Every line logged inside carries `trace_id`."""
    token = _trace.set(trace_id)
    try:
        yield
    finally:
        _trace.reset(token)


def current_trace() -> str | None:
    """The trace id bound in this context."""
    return _trace.get()


def configure(process: str, level: str = "INFO", fmt: str = "json", stream: TextIO | None = None) -> None:
    """Send everything to standard output, or where it is not for lines of a log, to `stream`."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(_Json(process) if fmt == "json" else _Plain(process))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("nameko", "kombu", "amqp", "urllib3", "pika", "alembic", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Json(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__()
        self.process_name = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self.process_name,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := _trace.get():
            line["trace_id"] = trace
        if clock.is_shifted():
            line["business_at"] = clock.business_now().isoformat(timespec="seconds")
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


class _Plain(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)-7s {process} %(message)s", "%H:%M:%S")
