"""A process that does nothing but argon2id: requests come and answers go as lines of JSON on one socket.

It is started afresh, not forked, so nothing of its parent's green threads or connections is in it.
"""

import json
import signal
import socket
import sys
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError


def answer(hasher: PasswordHasher, request: dict[str, Any]) -> dict[str, Any]:
    """`{"password"}` gives a hash; with `"hash"` whether it fits and whether its parameters are old."""
    if "hash" not in request:
        return {"hash": hasher.hash(request["password"])}
    try:
        hasher.verify(request["hash"], request["password"])
    except (Argon2Error, InvalidHashError):
        return {"fits": False, "outdated": False}
    return {"fits": True, "outdated": hasher.check_needs_rehash(request["hash"])}


def serve(connection: socket.socket, hasher: PasswordHasher) -> None:
    """Answer until the other end is gone."""
    with connection.makefile("rwb") as stream:
        for line in stream:
            stream.write(json.dumps(answer(hasher, json.loads(line))).encode() + b"\n")
            stream.flush()


def main(descriptor: str, passes: str, memory_kib: str, lanes: str) -> None:
    # Ctrl-C goes to the whole group; the parent closes the socket when it has finished.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hasher = PasswordHasher(time_cost=int(passes), memory_cost=int(memory_kib), parallelism=int(lanes))
    connection = socket.socket(fileno=int(descriptor))
    # A parent of green threads hands over a socket that does not wait; here there is nothing else to do.
    connection.setblocking(True)
    serve(connection, hasher)


if __name__ == "__main__":
    main(*sys.argv[1:])
