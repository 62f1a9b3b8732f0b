"""Passwords hashed in threads of the system: a tenth of a second of argon2id must not hold up a call.

argon2 lets go of Python's lock while it works, so the hub of green threads goes on meanwhile (ADR 35).
"""

import secrets
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import eventlet
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from eventlet import tpool

from services.directory.access.fair import Places

T = TypeVar("T")


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


def _hash_of_nobody(parameters: Parameters) -> str:
    """A well-formed hash that no password fits, with the parameters that cost time."""
    salt, digest = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
    p = parameters
    return f"$argon2id$v=19$m={p.memory_kib},t={p.passes},p={p.lanes}${salt}${digest}"


class Hasher:
    """A few hashes side by side, given out fairly; when too many wait, the next is asked to come again."""

    def __init__(self, parameters: Parameters, *, workers: int, waiting: int, timeout: float = 10.0) -> None:
        p = parameters
        self._argon2 = PasswordHasher(time_cost=p.passes, memory_cost=p.memory_kib, parallelism=p.lanes)
        self._places = Places(workers, waiting=waiting, timeout=timeout)
        self._nobodys = _hash_of_nobody(parameters)

    def hash(self, password: str, lane: str | None = None) -> str:
        """The password's argon2id hash with its parameters and a new salt."""
        return self._at_a_place(lane, lambda: self._argon2.hash(password))

    def verify(self, hash: str | None, password: str, lane: str | None = None) -> Verdict:
        """Whether the password fits. Without a hash the work is done all the same, so time reveals nothing.

        `lane`: the address of a stranger; somebody known has none and comes before strangers.
        """
        verdict = self._at_a_place(lane, lambda: self._check(hash or self._nobodys, password))
        return Verdict(fits=False) if hash is None else verdict

    def _check(self, hash: str, password: str) -> Verdict:
        try:
            self._argon2.verify(hash, password)
        except (Argon2Error, InvalidHashError):
            return Verdict(fits=False)
        return Verdict(fits=True, outdated=self._argon2.check_needs_rehash(hash))

    def _at_a_place(self, lane: str | None, work: Callable[[], T]) -> T:
        self._places.take(lane)
        # A caller may give up; the thread cannot. A green thread of its own keeps the place until the hash
        # is there, so that never more hashes are computed, and hold memory, than there are places.
        done: T = eventlet.spawn(self._work, work).wait()
        return done

    def _work(self, work: Callable[[], T]) -> T:
        try:
            done: T = tpool.execute(work)
        finally:
            self._places.give_back()
        return done
