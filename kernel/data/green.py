"""Lets psycopg wait for its server in the hub of green threads: one listener, not a selector each time.

psycopg's own ways of waiting make a selector, register, ask and take it down again for every answer.
Under eventlet each of these steps goes through the hub; measured, that was a quarter of what a small
question cost a service.
"""

import os
from collections.abc import Generator
from time import monotonic
from typing import Any

import psycopg
from eventlet.green import select
from eventlet.hubs import trampoline
from psycopg import errors
from psycopg.waiting import READY_NONE, READY_R, READY_W, WAIT_R, WAIT_W


class _Elapsed(Exception):
    """Nothing arrived within the interval."""


def wait(
    gen: Generator[Any, Any, Any], fileno: int, interval: float = 0.0, timeout: float | None = None
) -> Any:
    """Run psycopg's `gen` to its end as `psycopg.waiting.wait_selector` does, and return its result.

    `interval` and `timeout` are seconds; past `timeout` psycopg's own time-out is raised.
    """
    deadline = None if timeout is None else monotonic() + timeout
    try:
        wanted = next(gen)
        while True:
            left = interval if deadline is None else max(0.0, min(interval, deadline - monotonic()))
            wanted = gen.send(_ready(fileno, wanted, left)) or wanted
            if deadline is not None and monotonic() >= deadline:
                raise errors._WaitTimeout("wait timeout expired")
    except StopIteration as end:
        return end.value


def _ready(fileno: int, wanted: int, seconds: float) -> int:
    """What became ready, or nothing after so many seconds."""
    try:
        if wanted == WAIT_R:
            trampoline(fileno, read=True, timeout=seconds, timeout_exc=_Elapsed)
            return READY_R
        if wanted == WAIT_W:
            trampoline(fileno, write=True, timeout=seconds, timeout_exc=_Elapsed)
            return READY_W
    except _Elapsed:
        _check_is_open(fileno)
        return READY_NONE
    # The hub has no listener for both at once; needed only while a long statement is still being sent.
    readable, writable, _ = select.select([fileno], [fileno], [], seconds)
    return (READY_R if readable else READY_NONE) | (READY_W if writable else READY_NONE)


def _check_is_open(fileno: int) -> None:
    try:
        os.fstat(fileno)
    except OSError as error:
        raise errors.OperationalError("the connection's socket was closed") from error


def install() -> None:
    """Wait so from now on, in this process."""
    psycopg.waiting.wait = wait


def is_installed() -> bool:
    """Whether waiting for the database lets other green threads run."""
    return psycopg.waiting.wait is wait
