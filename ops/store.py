"""`eiso store`: the store's buckets, rights and users as this release needs them; safe to repeat."""

import argparse
import os
import shlex

from minio.error import MinioException
from urllib3.exceptions import HTTPError

from deploy.local import bucket, ceph, environment, servers
from deploy.local.instance import Instance
from deploy.local.platform import STORE_USERS, Platform, load_or_create
from deploy.local.process import DidNotStart
from deploy.local.store_rights import uid
from ops.asked import platform_of
from ops.speech import complain, say

NAME = "store"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing more than every command has."""


def run(asked: argparse.Namespace) -> int:
    """0: all is as it should be; 1: the store refused; 2: there is no such platform."""
    if platform_of(asked.instance) is None:
        return 2
    instance = Instance.named(asked.instance)
    with servers.only_one(instance):
        # Users of this release that the platform knows no keys of yet get theirs.
        platform = load_or_create(instance)
        environment.write(platform)
    try:
        if "s3" not in platform.existing:
            ceph.make_users(platform)
        bucket.prepare(platform)
    except (MinioException, HTTPError, DidNotStart) as refusal:
        complain("ops_store_refused_preparing", what=str(refusal)[:300])
        return 1
    say(
        "ops_store_ready",
        bucket=platform.s3_bucket,
        intake=platform.s3_intake_bucket,
        count=len(STORE_USERS),
    )
    if not platform.has_store_users:
        say("ops_store_commands", file=_write_commands(platform))
    return 0


def _write_commands(platform: Platform) -> str:
    path = platform.instance.folder / "store-users.sh"
    lines = ["set -e"]
    for user in STORE_USERS:
        access, secret = (platform.passwords[f"s3_{user}_{key}"] for key in ("access_key", "secret_key"))
        made = ["radosgw-admin", "user", "create", f"--uid={uid(user)}", f"--display-name=eISO {user}"]
        made += ["--max-buckets=-1", f"--access-key={access}", f"--secret-key={secret}"]
        lines.append(shlex.join(made))
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    return str(path)
