"""A small port per process: is it alive, is it ready and if not why, and its figures."""

import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from kernel.life import metrics

Check = Callable[[], None]


def examine(checks: Mapping[str, Check]) -> dict[str, str]:
    """What stands in the way of being ready, by part: empty when nothing does."""
    faults = {}
    for part, check in checks.items():
        try:
            check()
        except Exception as error:
            faults[part] = f"{type(error).__name__}: {str(error)[:200]}"
    return faults


class HealthServer:
    """Answers `/live`, `/ready` and `/metrics`; liveness never depends on another process."""

    def __init__(self, host: str, port: int, process: str, checks: Mapping[str, Check]) -> None:
        handler = type("Handler", (_Handler,), {"process": process, "checks": dict(checks)})
        self.server = ThreadingHTTPServer((host, port), handler)
        self.server.daemon_threads = True

    def start(self) -> None:
        """Serve in the background (a green thread where the process is green)."""
        Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    process: str
    checks: Mapping[str, Check]
    timeout = 5

    def do_GET(self) -> None:
        if self.path == "/live":
            self._answer(200, {"process": self.process, "live": True})
        elif self.path == "/ready":
            faults = examine(self.checks)
            body = {"process": self.process, "ready": not faults, "faults": faults}
            self._answer(503 if faults else 200, body)
        elif self.path == "/metrics":
            self._send(200, "text/plain; version=0.0.4", metrics.exposition())
        else:
            self._answer(404, {"error": "not found"})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(body).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Probes come every few seconds; they are not worth a line."""
