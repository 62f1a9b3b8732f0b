"""What the tests of processes work with: a process of its own, and a gate before a server."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import eventlet

from deploy.local.instance import ROOT
from tests.integration.settings import free_port


class Started:
    """A process of a service in a process of its own."""

    def __init__(self, platform, service: str, role: str, environ: dict[str, str]) -> None:
        self.port = environ["HEALTH_PORT"]
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "kernel.run", service, "--role", role],
            env={"PATH": os.defpath, **environ},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def asked(self, path: str) -> tuple[int, Any]:
        """Status and body of one of the health port's answers; 0 while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            return answer.code, json.load(answer)
        except OSError:
            return 0, None

    def is_ready(self) -> bool:
        return self.asked("/ready")[0] == 200

    def faults(self) -> dict[str, str]:
        """What is missing, as the process says."""
        return (self.asked("/ready")[1] or {}).get("faults", {})

    def ended(self, within: float) -> tuple[int, str]:
        """How the process ended and all it said."""
        said, _ = self.popen.communicate(timeout=within)
        return self.popen.returncode, said

    def stop(self) -> None:
        if self.popen.poll() is None:
            self.popen.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.popen.communicate(timeout=10)
            self.popen.kill()


class Gate:
    """A port of ours that leads to another one while it is open."""

    def __init__(self, host: str, port: int) -> None:
        self.behind, self.port = (host, port), free_port()
        self.threads: list[Any] = []
        self.sockets: list[Any] = []

    def open(self) -> None:
        listener = eventlet.listen(("127.0.0.1", self.port), reuse_addr=True)
        self.sockets.append(listener)
        self.threads.append(eventlet.spawn(self._serve, listener))

    def _serve(self, listener) -> None:
        while True:
            incoming, _ = listener.accept()
            outgoing = eventlet.connect(self.behind)
            self.sockets += [incoming, outgoing]
            for source, target in ((incoming, outgoing), (outgoing, incoming)):
                self.threads.append(eventlet.spawn(self._pass_on, source, target))

    @staticmethod
    def _pass_on(source, target) -> None:
        with suppress(OSError):
            while found := source.recv(65_536):
                target.sendall(found)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(2)

    def fall_silent(self) -> None:
        """Connections stay open, and nothing is passed on any more; nor does anybody listen."""
        for thread in self.threads:
            thread.kill()
        self.sockets.pop(0).close()

    def close(self) -> None:
        for thread in self.threads:
            thread.kill()
        for each in self.sockets:
            with suppress(OSError):
                each.shutdown(2)
            each.close()
        self.threads, self.sockets = [], []


def through(url: str, port: int) -> str:
    """The same address at another port."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}"))
