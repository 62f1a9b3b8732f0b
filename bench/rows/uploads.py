"""A file of 1 MB and of 25 MB from its reservation until it is available, beside a bare PUT into the store.

Ours: the reservation over the bus, the bytes by its link straight into the store, the confirmation, for
which the service reads them through, compares size, hash and type, has the file judged and copies it to
where it stays. The bare peer signs a link and
puts the same bytes by the same client.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from hashlib import sha256
from uuid import UUID, uuid4

import httpx

from bench.hops import Hops
from bench.report import Measurement, percentile
from bench.stage import Stage
from gateway.bus.client import Bus
from kernel.data.store import ObjectStore
from kernel.life.settings import from_environ
from services.documents.service import DocumentsService

MEGABYTE = 1 << 20
SIZES = {1: 40, 25: 8}
"""Megabytes, and how many such files."""
LINK_SECONDS = 60
PDF = "application/pdf"


def run(stage: Stage) -> Iterator[Measurement]:
    agency = stage.root()
    token = stage.token("drafter", agency=agency)
    store = ObjectStore.from_settings(from_environ(DocumentsService.settings, stage.environment("documents")))
    for megabytes, count in SIZES.items():
        content = _scanned(megabytes * MEGABYTE)
        hops = Hops(stage)
        ours = asyncio.run(_ours(stage, agency, token, content, count))
        budget = hops.each(count + 1)
        yield _figure(megabytes, ours, asyncio.run(_bare(store, content, count)), budget)


def _figure(megabytes: int, ours: list[float], bare: list[float], hops: str) -> Measurement:
    rates = [megabytes / percentile(each, 0.5) for each in (ours, bare)]
    return Measurement(
        row="uploads",
        what=f"{megabytes} MB: giữ chỗ → dùng được / reserved → available, p50",
        unit="ms",
        ours=percentile(ours, 0.5) * 1000,
        against="bare PUT to the same store",
        baseline=percentile(bare, 0.5) * 1000,
        note=f"{rates[0]:.0f} MB/s, bare {rates[1]:.0f} MB/s; read back, hashed, judged and copied",
        hops=hops,
    )


async def _ours(stage: Stage, agency: UUID, token: str, content: bytes, count: int) -> list[float]:
    async with stage.bus() as bus, _client() as http:
        return await _each(count, lambda: _uploaded(bus, http, agency, token, content))


async def _bare(store: ObjectStore, content: bytes, count: int) -> list[float]:
    async with _client() as http:

        async def put() -> None:
            link = store.put_link(f"bench/{uuid4()}", PDF, len(content), LINK_SECONDS)
            (await http.put(link, content=content, headers={"Content-Type": PDF})).raise_for_status()

        return await _each(count, put)


def _scanned(size: int) -> bytes:
    """A PDF of one page whose picture is noise, as large as was asked."""
    noise = os.urandom(size - 700)
    bodies = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /A 4 0 R >> >> >>",
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /Filter /DCTDecode /Length %d >>\n"
        b"stream\n%b\nendstream" % (len(noise), noise),
    )
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table
    return bytes(out)


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=60, trust_env=False)


async def _uploaded(bus: Bus, http: httpx.AsyncClient, agency: UUID, token: str, content: bytes) -> None:
    wanted = {
        "request_id": str(uuid4()),
        "agency_id": str(agency),
        "name": "bieu-mau.pdf",
        "media_type": PDF,
        "size": len(content),
        "sha256": sha256(content).hexdigest(),
    }
    ticket = await bus.call("documents.reserve_upload", wanted, token=token)
    sent = await http.put(ticket["url"], content=content, headers=ticket["headers"])
    sent.raise_for_status()
    asked = {"request_id": str(uuid4()), "upload_id": ticket["upload_id"]}
    done = await bus.call("documents.confirm_upload", asked, token=token)
    assert done["state"] == "available", done


async def _each(count: int, do: Callable[[], Awaitable[None]]) -> list[float]:
    """Seconds each took, one after the other; the first, which opens connections, is not counted."""
    taken = []
    for _ in range(count + 1):
        began = time.perf_counter()
        await do()
        taken.append(time.perf_counter() - began)
    return taken[1:]
