"""The same events carried by Celery on the same broker: sent with confirms, run by one worker.

Celery keeps no log of what was sent, promises no effect but once, and its task writes no row: it is the
least that a person would build instead.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench import peer_celery
from bench.stage import Stage

ROOT = Path(__file__).parents[1]
WITHIN = 60.0


class Peer:
    """One producer in this process, one worker in another."""

    def __init__(self, app: Any, worker: "subprocess.Popen[str]", body: str) -> None:
        self.app, self.worker, self.body = app, worker, body
        self.ran: dict[str, float] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.worker.stdout is not None
        for line in self.worker.stdout:
            if line.startswith(f"{peer_celery.RAN} "):
                _, name, moment = line.split()
                self.ran[name] = float(moment)

    def send(self) -> str:
        name = str(uuid4())
        self.app.send_task("bench.heard", (name, self.body))
        return name

    def wait_for(self, names: list[str]) -> None:
        limit = time.perf_counter() + WITHIN
        while missing := sum(name not in self.ran for name in names):
            assert time.perf_counter() < limit, f"{missing} tasks were not run within {WITHIN} s"
            assert self.worker.poll() is None, "the worker ended"
            time.sleep(0.01)

    def one_at_a_time(self, count: int, pause: float) -> list[float]:
        """Seconds from each sending to its task."""
        sent: dict[str, float] = {}
        for _ in range(count):
            began = time.perf_counter()
            sent[self.send()] = began
            time.sleep(pause)
        self.wait_for(list(sent))
        return [self.ran[name] - began for name, began in sent.items()]

    def many(self, count: int) -> float:
        """Tasks a second from the first sending to the last effect."""
        began = time.perf_counter()
        names = [self.send() for _ in range(count)]
        self.wait_for(names)
        return count / (time.perf_counter() - began)


@contextmanager
def worker_on(stage: Stage, body: str) -> Iterator[Peer]:
    """A worker that has run its first task."""
    uri, queue = stage.platform.amqp_uri("admin"), f"bench-celery-{uuid4().hex[:8]}"
    command = [sys.executable, "-m", "bench.peer_celery", uri, queue]
    worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        peer = Peer(peer_celery.app(uri, queue), worker, body)
        peer.wait_for([peer.send()])
        yield peer
    finally:
        worker.kill()
        worker.wait()
