"""A page that is written from the code and committed: written anew, or compared with what is there."""

import sys
from collections.abc import Iterable
from pathlib import Path


def keep(committed: Path, written: str, arguments: Iterable[str]) -> int:
    """Write the page, or with `--check` say whether the committed one is current: the process's exit code."""
    if "--check" not in arguments:
        committed.write_text(written, "utf-8")
        return 0
    if committed.exists() and committed.read_text("utf-8") == written:
        return 0
    sys.stderr.write(f"{committed.name} không còn đúng với mã / is not current:\n  make policy schema\n")
    return 1
