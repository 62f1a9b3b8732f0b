"""Starts what tests need and no more: `python -m tests.servers test postgres`, or `all` of its servers."""

import os
import shutil
import sys

from deploy.local import environment, grant_keys, identity_keys, postgres, private, servers
from deploy.local.account import servers_folder
from deploy.local.instance import Instance
from deploy.local.platform import Platform, load_or_create


def ensure(name: str, what: str) -> Platform:
    """PostgreSQL of an instance, with the keys and settings a service needs; or everything."""
    if what == "all":
        return servers.ensure(name)
    instance = Instance.named(name)
    os.umask(private.CLOSED)
    with servers.only_one(instance):
        private.close(instance)
        if not instance.platform_file.exists():
            shutil.rmtree(servers_folder(instance))
        platform = load_or_create(instance)
        grant_keys.prepare(instance)
        identity_keys.prepare(instance)
        environment.write(platform)
        postgres.start(platform)
    return platform


if __name__ == "__main__":
    ensure(*sys.argv[1:])
