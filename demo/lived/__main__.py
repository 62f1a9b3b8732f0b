"""Lay a year of work out over the demonstration province, through real commands; may be stopped and resumed.

python -m demo.lived [--platform FILE | --instance run] [--small]
"""

import argparse
import asyncio
import fcntl
import os
import signal
import sys
import threading
import traceback
from contextlib import suppress

import httpx

from client.gateway import Refused
from demo.lived import job
from demo.lived.papers import Stuck
from demo.place import arguments, platform_of
from deploy.platform.platform import Platform
from deploy.speech import complain, say

EXPECTED = (Refused, Stuck, RuntimeError, httpx.HTTPError)
"""A platform that was stopped, or that refuses what the load asks for."""


def main() -> int:
    """Zero when all of it is there."""
    parser = argparse.ArgumentParser(prog="demo.lived", description=__doc__)
    arguments(parser)
    parser.add_argument("--small", action="store_true", help="chỉ vài cơ quan / a few agencies only")
    parser.add_argument("--ends-with-input", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ends_with_input:
        threading.Thread(target=_end_with_input, daemon=True).start()
    place = platform_of(asked)
    with (place.folder / "demo-lived.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            complain("lived_already_loading", instance=place.name)
            return 1
        return _run(place, small=asked.small)


def _run(place: Platform, *, small: bool) -> int:
    try:
        asyncio.run(_load(place, small=small))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    except Exception as failure:
        return _failed(failure)
    say("lived_done")
    return 0


async def _load(place: Platform, *, small: bool) -> None:
    """A signal to stop is an ending like Ctrl-C: what has been begun is tidied up."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    await job.run(place, small=small)


def _failed(failure: Exception) -> int:
    """What was to be expected is printed in a line; a defect also with where it came from, for the log."""
    first = failure
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    if not isinstance(first, EXPECTED):
        traceback.print_exception(failure)
    complain("lived_failed", what=job.in_words(first))
    return 1


def _end_with_input() -> None:
    """The process that started this one holds the other end: once that process is gone, this one ends too."""
    # Not through sys.stdin: its lock, held by this thread, would break the interpreter's ending.
    with suppress(OSError):
        while os.read(0, 1024):
            pass
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
