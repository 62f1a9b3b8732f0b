"""The directory's keys for identity numbers: one that encrypts, one that finds the same number again."""

import base64
import json
import os
from pathlib import Path

FIRST = "1"


def file_of(folder: Path) -> Path:
    return folder / "identity.json"


def prepare(folder: Path) -> None:
    """Make them once; without these very keys no identity number can be read again."""
    if file_of(folder).exists():
        return
    keys = {"current": FIRST, "keys": {FIRST: _key()}, "index_key": _key()}
    descriptor = os.open(file_of(folder), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(keys, file)


def _key() -> str:
    return base64.b64encode(os.urandom(32)).decode()
