"""A GraphQL list of 20 agencies with four fields, beside Strawberry alone answering from memory.

Ours goes from the gateway over the broker to the directory, which verifies the token and reads
PostgreSQL, and back. Same HTTP server, same client, same shape of question and answer.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import httpx

from bench.hops import Hops
from bench.http import asking
from bench.pace import Pace, at_once
from bench.report import Measurement
from bench.stage import Stage

CONNECTIONS, SECONDS, ROWS = 16, 5.0, 20
QUERY = "{ agencies(first: 20) { edges { node { id code name shortName } } } }"
ROOT = Path(__file__).parents[2]
PEERS = {"plain": "bare Strawberry (a)", "caches": "bare Strawberry with caches and limits (b)"}


def run(stage: Stage) -> Iterator[Measurement]:
    ours, budget = asyncio.run(_ours(stage))
    for kind, name in PEERS.items():
        with _peer(kind) as url:
            bare = asyncio.run(_paced(url, None))
        yield Measurement(
            row="graphql",
            what=f"20 × 4, {CONNECTIONS} kết nối / connections",
            unit="/s",
            ours=ours.per_second,
            against=name,
            baseline=bare.per_second,
            note=f"p50 {ours.milliseconds(0.5):.0f} ms, bare {bare.milliseconds(0.5):.0f} ms",
            hops=budget,
        )


async def _ours(stage: Stage) -> tuple[Pace, str]:
    root = stage.root()
    token = stage.token("province_admin", agency=root, with_subtree=True)
    await _twenty(stage, token, str(root))
    hops = Hops(stage)
    pace = await _paced(f"{stage.platform.gateway_url}/graphql", token)
    return pace, hops.each(pace.done)


async def _twenty(stage: Stage, token: str, root: str) -> None:
    """As many agencies as the question asks for: the small province has fewer."""
    async with stage.bus() as bus:
        page = await bus.call("directory.list_agencies", {"first": ROWS}, token=token)
        for n in range(len(page["items"]), ROWS):
            agency = {
                "request_id": str(uuid4()),
                "code": f"H42.9{n:03}",
                "name": f"Ủy ban nhân dân xã mẫu số {n}",
                "short_name": f"Xã mẫu {n}",
                "kind": "commune",
                "parent_id": root,
                "valid_from": "2025-07-01",
                "basis": "Đo hiệu năng",
            }
            await bus.call("directory.create_agency", agency, token=token)


async def _paced(url: str, token: str | None) -> Pace:
    async with asking(url, QUERY, CONNECTIONS, token) as asker:
        edges = json.loads(await asker.ask())["data"]["agencies"]["edges"]
        assert len(edges) == ROWS, f"{len(edges)} of {ROWS} rows"
        return await at_once(CONNECTIONS, SECONDS, asker.ask)


@contextmanager
def _peer(kind: str) -> Iterator[str]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    server = subprocess.Popen([sys.executable, "-m", "bench.peer_strawberry", str(port), kind], cwd=ROOT)
    try:
        _wait_for(url)
        yield url
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str) -> None:
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        with suppress(httpx.HTTPError):
            httpx.get(url, timeout=1)
            return
        time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer")
