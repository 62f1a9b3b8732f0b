"""What a platform keeps beside its servers: keys, first passwords, marks of what was loaded.

The passwords of servers are not among them: a restored platform has servers of its own and makes its
own, so that an archive opens nobody's living database.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from deploy.platform.platform import Platform

OF_SERVERS = ("postgres_", "amqp_", "s3_", "erlang_")


@dataclass(kw_only=True)
class Belongings:
    """What belongs to an archive, and the hashes of its parts and of its manifest, under one seal."""

    files: dict[str, str]
    passwords: dict[str, str]
    parts: dict[str, str] = field(default_factory=dict)
    facts: str = ""


def collect(platform: Platform) -> Belongings:
    """Read what is there now, before the databases: a mark of something loaded must not be ahead of it."""
    there = {name: platform.folder / name for name in platform.belongings}
    return Belongings(
        files={name: path.read_text("utf-8") for name, path in there.items() if path.exists()},
        passwords={
            name: secret for name, secret in platform.passwords.items() if not name.startswith(OF_SERVERS)
        },
    )


def put_back(platform: Platform, kept: Belongings) -> None:
    """The files, where the platform that is restored keeps such; passwords are its settings' to take."""
    for name in platform.belongings:
        if name in kept.files:
            _write(platform.folder / name, kept.files[name])


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
