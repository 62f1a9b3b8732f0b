"""What the operator reads: Vietnamese, or English with `LANG=en`; JSON holds both."""

import os
import sys
from typing import Any

from contracts.messages import remedy, text


def language() -> str:
    """Only the plain word asks for English: machines say en_US without anybody having chosen it."""
    return "en" if os.environ.get("LANG", "").partition(".")[0] == "en" else "vi"


def said(code: str, /, **facts: Any) -> str:
    """A text in the operator's language."""
    return text(code, **facts)[language()]


def both(code: str) -> str:
    """A text in both languages on one line, as help wants it."""
    found = text(code)
    return f"{found.vi} / {found.en}".replace("%", "%%")


def say(code: str, /, **facts: Any) -> None:
    """One line, at once."""
    print(said(code, **facts), flush=True)


def complain(code: str, /, **facts: Any) -> None:
    """What is wrong and what can be done about it, on the error stream."""
    print(said(code, **facts), file=sys.stderr)
    if advice := remedy(code, **facts):
        print(f"  → {advice[language()]}", file=sys.stderr, flush=True)
