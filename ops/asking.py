"""Asking the operator for a secret, where somebody sits there to answer; and who that is."""

import getpass
import os
import signal
import sys

from deploy.speech import said


class NobodyThere(Exception):
    """There is no terminal, or it was closed while the question stood."""


def secret(code: str) -> str:
    """What is typed in, unseen; the question is an entry of the catalogue."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NobodyThere
    # A loop of asyncio would keep Ctrl-C to itself until the question is answered.
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return getpass.getpass(said(code) + " ")
    except EOFError:
        raise NobodyThere from None
    finally:
        signal.signal(signal.SIGINT, kept)


def who() -> str:
    """The account that runs this, also where the machine has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"
