"""`eiso store`: the store's buckets, rights and users as this release needs them; safe to repeat."""

import argparse
import os
import shlex
from pathlib import Path

from minio.error import MinioException

from deploy.platform import bucket, settings
from deploy.platform.names import STORE_USERS
from deploy.platform.platform import Platform
from deploy.platform.store_rights import uid
from deploy.speech import complain, say
from ops.chosen_platform import reading


def arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing more than every command has."""


def run(asked: argparse.Namespace) -> int:
    """0: all is as it should be; 1: the store refused; 2: there is no such platform."""
    with reading(asked) as file:
        # Users of this release that the platform knows no keys of yet get theirs.
        platform = settings.complete(file)
    return prepare(platform, file)


def prepare(platform: Platform, file: Path) -> int:
    """The buckets as they should be; where users are not made yet, the commands for that beside `file`."""
    try:
        bucket.prepare(platform)
    except MinioException as refusal:
        complain("ops_store_refused_preparing", what=str(refusal)[:300])
        return 1
    say(
        "ops_store_ready",
        bucket=platform.s3_bucket,
        intake=platform.s3_intake_bucket,
        count=len(STORE_USERS),
    )
    if not platform.has_store_users:
        say("ops_store_commands", file=_write_commands(platform, file))
    return 0


def _write_commands(platform: Platform, beside: Path) -> str:
    path = beside.parent / "store-users.sh"
    lines = ["set -e"]
    for user in STORE_USERS:
        access, secret = (platform.passwords[f"s3_{user}_{key}"] for key in ("access_key", "secret_key"))
        made = ["radosgw-admin", "user", "create", f"--uid={uid(user)}", f"--display-name=eISO {user}"]
        made += ["--max-buckets=-1", f"--access-key={access}", f"--secret-key={secret}"]
        lines.append(shlex.join(made))
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    return str(path)
