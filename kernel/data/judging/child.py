"""The process that opens a file: bounded in time, memory and everything else, and then gone.

The file is its standard input, the type its argument, the judgement one line of its output. A hostile file
that breaks the reader breaks nothing else.
"""

import json
import logging
import os
import resource
import sys
from typing import BinaryIO

from kernel.data.judging.archive import Budget
from kernel.data.judging.rules import (
    LONGEST_PATTERN,
    UNREADABLE,
    Against,
    media_types,
    rules,
    search,
)

CHUNK = 1 << 20


def judge(file: BinaryIO, media_type: str) -> Against | None:
    """What stands against taking this file as of this type."""
    try:
        size = _search(file)
        # Each reader only where it is needed: loading one takes longer than reading most files.
        if media_types()[media_type].family == "pdf":
            from kernel.data.judging import pdf

            pdf.judge(file)
        else:
            from kernel.data.judging import office

            office.judge(file, media_type, Budget(size))
    except Against as found:
        return found
    except (MemoryError, RecursionError) as error:
        return Against(UNREADABLE, type(error).__name__)
    return None


def _search(file: BinaryIO) -> int:
    before, size = b"", 0
    while chunk := file.read(CHUNK):
        search(before + chunk)
        before = chunk[-LONGEST_PATTERN:]
        size += len(chunk)
    file.seek(0)
    return size


def bound() -> None:
    """No more memory, time, files or processes than a judgement needs."""
    limits = rules()["process"]
    memory, seconds = limits["memory_mib"] << 20, limits["cpu_seconds"]
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(5)


def main() -> None:
    """Judge and say so; `null` where nothing stands against the file."""
    bound()
    logging.disable(logging.CRITICAL)  # what a reader finds odd is no news
    found = judge(sys.stdin.buffer, sys.argv[1])
    print(json.dumps({"code": found.code, "where": found.where} if found else None))


if __name__ == "__main__":
    main()
