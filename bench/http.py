"""A client that costs next to nothing: one question over connections kept open, so the server is measured."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit


class Asker:
    """The same POST again and again, on as many connections as were opened."""

    def __init__(self, request: bytes, pool: "asyncio.LifoQueue[Any]") -> None:
        self.request, self.pool = request, pool

    async def ask(self) -> bytes:
        """The body of the answer; anything but 200 is an error."""
        reader, writer = streams = await self.pool.get()
        writer.write(self.request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        body = await reader.readexactly(_length(head))
        self.pool.put_nowait(streams)
        return body


def _length(head: bytes) -> int:
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    return next(int(value) for name, _, value in lines if name == b"content-length")


@asynccontextmanager
async def asking(url: str, query: str, connections: int, token: str | None = None) -> AsyncIterator[Asker]:
    """`query` to be asked at `url`, with that many connections."""
    where, body = urlsplit(url), json.dumps({"query": query}).encode()
    lines = [
        f"POST {where.path} HTTP/1.1",
        f"host: {where.netloc}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *([f"authorization: Bearer {token}"] if token else []),
    ]
    pool: asyncio.LifoQueue[Any] = asyncio.LifoQueue()
    for _ in range(connections):
        pool.put_nowait(await asyncio.open_connection(where.hostname, where.port))
    try:
        yield Asker("\r\n".join([*lines, "", ""]).encode() + body, pool)
    finally:
        while not pool.empty():
            pool.get_nowait()[1].close()
