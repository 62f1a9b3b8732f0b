"""What a service of a test is given: the environment that deploy writes for its process, with changes."""

import socket
from contextlib import closing

from deploy.local.platform import Platform


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment_of(platform: Platform, service: str, **changes: str) -> dict[str, str]:
    """The environment that deploy wrote for the service's process, with changes."""
    path = platform.instance.folder / "env" / f"{service}.env"
    lines = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    written = {name: value.strip("'\"") for name, _, value in lines}
    return written | {"HEALTH_PORT": str(free_port()), "RETRY_TIERS": "0.3,0.6"} | changes
