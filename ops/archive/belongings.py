"""What a platform keeps beside its servers: keys, first passwords, marks of what was loaded.

The passwords of servers are not among them: a restored platform has servers of its own and makes its
own, so that an archive opens nobody's living database.
"""

import os
from dataclasses import dataclass, field, replace

from deploy.local import environment
from deploy.local.instance import Instance
from deploy.local.platform import Platform

FILES = (
    "keys/grant.private.json",
    "keys/grant.jwks.json",
    "keys/identity.json",
    "accounts.json",
    "backup-keys.txt",
    "clock.json",
    "bootstrapped",
    "demo-loaded",
    "demo-lived.jsonl",
)
PASSWORDS = ("bootstrap_admin", "demo_accounts")


@dataclass(kw_only=True)
class Belongings:
    """All of it, and the hashes of the archive's parts and of what its manifest says, under one seal."""

    files: dict[str, str]
    passwords: dict[str, str]
    parts: dict[str, str] = field(default_factory=dict)
    facts: str = ""


def collect(platform: Platform) -> Belongings:
    """As they are now. Read before the databases: a mark of something loaded must not be ahead of it."""
    there = {name: platform.instance.folder / name for name in FILES}
    return Belongings(
        files={name: path.read_text("utf-8") for name, path in there.items() if path.exists()},
        passwords={name: platform.passwords[name] for name in PASSWORDS},
    )


def put_back(platform: Platform, kept: Belongings) -> Platform:
    """Into an instance whose servers are new; its platform with the passwords of the archive."""
    for name in FILES:
        if name in kept.files:
            _write(platform.instance, name, kept.files[name])
    mine = {name: kept.passwords[name] for name in PASSWORDS}
    restored = replace(platform, passwords=platform.passwords | mine)
    restored.save()
    environment.write(restored)
    return restored


def _write(instance: Instance, name: str, content: str) -> None:
    path = instance.folder / name
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
