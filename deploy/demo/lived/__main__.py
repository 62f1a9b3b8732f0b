"""Lay a year of work out over the demonstration province, through real commands; may be stopped and resumed.

python -m deploy.demo.lived --instance run [--small]
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

from deploy.demo.client import Refused
from deploy.demo.lived import job
from deploy.demo.lived.papers import Stuck
from deploy.local.instance import Instance
from deploy.local.platform import load
from deploy.speech import complain, say

EXPECTED = (Refused, Stuck, RuntimeError, httpx.HTTPError)
"""A platform that was stopped, or that refuses what the load asks for."""


def main() -> int:
    """Zero when all of it is there."""
    parser = argparse.ArgumentParser(prog="deploy.demo.lived", description=__doc__)
    parser.add_argument("--instance", default="run")
    parser.add_argument("--small", action="store_true", help="chỉ vài cơ quan / a few agencies only")
    parser.add_argument("--ends-with-input", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ends_with_input:
        threading.Thread(target=_end_with_input, daemon=True).start()
    instance = Instance.named(asked.instance)
    with (instance.folder / "demo-lived.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            complain("lived_already_loading", instance=instance.name)
            return 1
        return _run(instance, small=asked.small)


def _run(instance: Instance, *, small: bool) -> int:
    try:
        asyncio.run(_load(instance, small=small))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    except Exception as failure:
        return _failed(failure)
    say("lived_done")
    return 0


async def _load(instance: Instance, *, small: bool) -> None:
    """Being told to stop is an ending like Ctrl-C: what has been begun is tidied up."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    await job.run(load(instance), small=small)


def _failed(failure: Exception) -> int:
    """What was to be expected is told in a line; a defect also with where it came from, for the log."""
    first = failure
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    if not isinstance(first, EXPECTED):
        traceback.print_exception(failure)
    complain("lived_failed", what=job.in_words(first))
    return 1


def _end_with_input() -> None:
    """Whoever started this holds the other end: when they are gone, however they went, this ends too."""
    # Not through sys.stdin: its lock, held by this thread, would break the interpreter's ending.
    with suppress(OSError):
        while os.read(0, 1024):
            pass
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
