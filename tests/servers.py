"""Starts what tests need and no more: `python -m tests.servers test PostgreSQL`, or `all` of its servers."""

import sys

from deploy.local import servers

if __name__ == "__main__":
    instance, wanted = sys.argv[1:]
    servers.ensure(instance, only=None if wanted == "all" else wanted)
