"""Waiting for what comes about by itself, with an end."""

from collections.abc import Callable
from typing import Any

import eventlet


def eventually(find: Callable[[], Any], within: float = 10) -> Any:
    """What `find` returns once it is truthy; fails when that takes longer than `within` seconds."""
    with eventlet.Timeout(within, False):
        while not (found := find()):
            eventlet.sleep(0.02)
        return found
    raise AssertionError(f"not within {within} s: {find!r}")
