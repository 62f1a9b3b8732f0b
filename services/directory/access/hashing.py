"""Passwords hashed in processes of their own: a tenth of a second of argon2id must not hold up a call."""

import json
import secrets
import socket
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel.base.errors import Unavailable
from services.directory.access.fair import Places

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """argon2id's parameters: passes over the memory, the memory, and lanes computed side by side."""

    passes: int
    memory_kib: int
    lanes: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a password fits its hash, and whether the hash was made with other parameters."""

    fits: bool
    outdated: bool = False


class Gone(Exception):
    """The worker ended before it answered."""


class Worker:
    """One process; started when first asked, and again when it was lost."""

    def __init__(self, parameters: Parameters, timeout: float) -> None:
        self.parameters, self.timeout = parameters, timeout
        self.process: subprocess.Popen[bytes] | None = None
        self.connection: socket.socket | None = None

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """One question and its answer; a worker found dead is replaced once."""
        for is_last in (False, True):
            try:
                return self._ask(request)
            except (Gone, OSError):
                self.stop()
                if is_last:
                    raise Unavailable("sign_in_busy") from None
            except BaseException:
                # Given up between question and answer: the next caller must not read this one's answer.
                self.stop()
                raise
        raise AssertionError("unreachable")

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        connection = self.connection or self._start()
        connection.sendall(json.dumps(request).encode() + b"\n")
        line = b""
        while not line.endswith(b"\n"):
            part = connection.recv(4096)
            if not part:
                raise Gone
            line += part
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> socket.socket:
        """A socket pair, not pipes: where sockets are green, waiting on it yields to other calls."""
        ours, theirs = socket.socketpair()
        p = self.parameters
        numbers = [str(n) for n in (theirs.fileno(), p.passes, p.memory_kib, p.lanes)]
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.directory.access.hashing_worker", *numbers],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                env={"PATH": "", "PYTHONPATH": str(ROOT)},
            )
        ours.settimeout(self.timeout)
        self.connection = ours
        return ours

    def stop(self) -> None:
        """End the process, at once if it hangs."""
        if self.connection is not None:
            self.connection.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = self.connection = None


def _hash_of_nobody(parameters: Parameters) -> str:
    """A well-formed hash that no password fits, with the parameters that cost time."""
    salt, digest = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
    p = parameters
    return f"$argon2id$v=19$m={p.memory_kib},t={p.passes},p={p.lanes}${salt}${digest}"


class Hasher:
    """A few workers shared by all calls, fairly; when too many wait, the next is told to come again."""

    def __init__(self, parameters: Parameters, *, workers: int, waiting: int, timeout: float = 10.0) -> None:
        self._workers = [Worker(parameters, timeout) for _ in range(workers)]
        self._places = Places(self._workers, waiting=waiting, timeout=timeout)
        self._nobodys = _hash_of_nobody(parameters)

    def hash(self, password: str, lane: str | None = None) -> str:
        """The password's argon2id hash with its parameters and a new salt."""
        with self._places.taken(lane) as worker:
            made: str = worker.ask({"password": password})["hash"]
        return made

    def verify(self, hash: str | None, password: str, lane: str | None = None) -> Verdict:
        """Whether the password fits. Without a hash the work is done all the same, so time tells nothing.

        `lane`: the address of a stranger; somebody known has none and comes before strangers.
        """
        if hash is None:
            self._check(self._nobodys, password, lane)
            return Verdict(fits=False)
        return self._check(hash, password, lane)

    def close(self) -> None:
        for worker in self._workers:
            worker.stop()

    def _check(self, hash: str, password: str, lane: str | None) -> Verdict:
        with self._places.taken(lane) as worker:
            return Verdict(**worker.ask({"hash": hash, "password": password}))
