"""Say things to the person at the terminal: Vietnamese, or English with `LANG=en`."""

import os
import sys
from typing import Any

from contracts.messages import remedy, text


def language() -> str:
    """Only the plain word asks for English: machines say en_US without anybody having chosen it."""
    return "en" if os.environ.get("LANG", "").partition(".")[0] == "en" else "vi"


def say(code: str, **facts: Any) -> None:
    """One line, at once."""
    print(text(code, **facts)[language()], flush=True)


def complain(code: str, **facts: Any) -> None:
    """What went wrong and what can be done about it, on the error stream."""
    print(text(code, **facts)[language()], file=sys.stderr)
    if advice := remedy(code, **facts):
        print(f"  → {advice[language()]}", file=sys.stderr, flush=True)
