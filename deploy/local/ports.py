"""One block of free unprivileged ports per instance, chosen once and remembered."""

import socket
from collections.abc import Callable, Iterator

# Below Linux's range for outgoing connections (32768 up), so that no passing client takes one
# while the servers are down.
FIRST, LAST = 20_000, 32_700
BLOCK = 32

OFFSETS = {
    "gateway": 0,
    "mail_page": 1,
    "smtp": 2,
    "s3": 3,
    "postgres": 4,
    "amqp": 5,
    "amqp_distribution": 6,
    "epmd": 7,
    "ceph_mon": 8,
    "health_directory": 9,
    "health_documents": 10,
    "health_notify": 11,
    "health_cases": 12,
    "health_audits": 13,
    "prometheus": 14,
    "node_exporter": 15,
    "ceph_osd": 16,  # the first of sixteen: an OSD listens on four to eight
}


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def blocks(digest: str) -> Iterator[int]:
    """First ports of all blocks, starting where the folder's digest points: copies rarely meet."""
    count = (LAST - FIRST) // BLOCK
    start = int(digest, 16) % count
    for step in range(count):
        yield FIRST + BLOCK * ((start + step) % count)


def block(first: int) -> dict[str, int]:
    """Which port of the block is whose."""
    return {name: first + offset for name, offset in OFFSETS.items()}


def choose(digest: str, free: Callable[[int], bool] = is_free) -> dict[str, int]:
    """A block whose ports are all free."""
    for first in blocks(digest):
        if all(free(port) for port in range(first, first + BLOCK)):
            return block(first)
    raise RuntimeError(f"no {BLOCK} free ports in a row between {FIRST} and {LAST}")
