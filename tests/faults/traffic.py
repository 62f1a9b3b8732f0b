"""Offices at work: commands that are insisted upon until they are answered, and what was answered."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx

from demo.province import procedures
from deploy.local.platform import Platform
from tests.client import File, Gateway, Refused
from tests.e2e.asking import a_word_file, an_approved, once_known, to_issue
from tests.e2e.conftest import DEPARTMENT, enter

DOSSIER = "Dossier { id version stepSeq }"
NONCONFORMITY = "Nonconformity { id version }"
TICKET = "UploadTicket { uploadId url headers { name value } }"
OUT_OF_TIME = ("not_signed_in",)
"""How a token is answered whose time is over, or has not come."""
GRANTS_ARE_GOOD = 300
LONGEST_SECONDS = 180


@dataclass(frozen=True)
class Accepted:
    """A command that was answered as done."""

    service: str
    command: str
    request_id: UUID
    subject: str
    version: int


@dataclass(frozen=True)
class Uploaded:
    """A file that was answered as available."""

    upload_id: UUID
    sha256: str


@dataclass
class Traffic:
    """The people of one department, and everything that was answered as done."""

    platform: Platform
    http: httpx.AsyncClient
    callers: dict[str, Gateway] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)
    uploaded: list[Uploaded] = field(default_factory=list)
    repeated: int = 0
    good_until: float = 0.0
    patience: float = LONGEST_SECONDS
    signing_in: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def begin(self) -> None:
        """Sign in, and put a procedure in force to work by."""
        await self.sign_in()
        for key in ("division", "deputy", "head"):
            self.callers[key] = await enter(self.platform, self.http, DEPARTMENT, key)
        content = procedures.read("van_ban_den").procedure
        hands = (self.callers[key] for key in ("secretary", "division", "deputy"))
        draft = await an_approved(*hands, kind="PROCEDURE", procedure=content)
        issued = to_issue(draft, effectiveFrom=date(2026, 8, 10))
        self.document = await self.callers["head"].do("issueRevision", "Document { id }", **issued)
        await once_known(self.dossier)

    async def sign_in(self) -> None:
        """Tokens last ten minutes: who works on signs in again after half of that."""
        if time.monotonic() > self.good_until:
            await self.sign_in_anew()

    async def sign_in_anew(self, instead_of: Gateway | None = None) -> None:
        """Everybody again; once, where several found the same token out of time."""
        async with self.signing_in:
            if instead_of is None or instead_of in self.callers.values():
                for key in ("counter", "secretary"):
                    self.callers[key] = await enter(self.platform, self.http, DEPARTMENT, key)
                self.good_until = time.monotonic() + GRANTS_ARE_GOOD

    async def insist(
        self, by: str, command: str, wanted: str, request_id: UUID, /, **given: Any
    ) -> dict[str, Any]:
        """What a good client does: the very same request again until there is an answer."""
        limit = time.monotonic() + self.patience
        while True:
            caller = self.callers[by]
            try:
                return await caller.do(command, wanted, requestId=request_id, **given)
            except httpx.TransportError:
                pass
            except Refused as no:
                if no.problem["code"] in OUT_OF_TIME:
                    with suppress(Refused, httpx.TransportError):
                        await self.sign_in_anew(caller)
                elif no.problem["__typename"] != "UnavailableProblem":
                    raise
            assert time.monotonic() < limit, f"{command} was not answered within {self.patience} s"
            self.repeated += 1
            await asyncio.sleep(0.2)

    async def _do(self, service: str, by: str, name: str, wanted: str, **given: Any) -> dict[str, Any]:
        request_id = uuid4()
        done = await self.insist(by, name, wanted, request_id, **given)
        self.accepted.append(Accepted(service, name, request_id, done["id"], done["version"]))
        return done

    async def dossier(self) -> None:
        """A dossier's whole life: every step handed over and acknowledged, a pause, the end."""
        it = await self.registered()
        steps = len(procedures.read("van_ban_den").procedure.steps)
        for seq in range(1, steps):
            it = await self._on(it, "handOver", step=seq)
            it = await self._on(it, "acknowledgeHandOver", step=seq + 1)
            if seq == 2:
                it = await self._on(it, "pauseDossier", reason="supplement")
                it = await self._on(it, "resumeDossier")
        await self._on(it, "finishDossier")

    async def registered(self) -> dict[str, Any]:
        """A dossier of which nothing is done yet."""
        about = {"agencyId": self.callers["counter"].me["agency"]["id"], "documentId": self.document["id"]}
        number = f"F-{uuid4().hex[:10]}"
        return await self._do("cases", "counter", "registerDossier", DOSSIER, number=number, **about)

    async def _on(self, it: dict[str, Any], name: str, **given: Any) -> dict[str, Any]:
        about = {"dossierId": it["id"], "expectedVersion": it["version"]}
        return await self._do("cases", "counter", name, DOSSIER, **about, **given)

    async def nonconformity(self) -> None:
        """A nonconformity raised and corrected: its leaders are notified by notice and letter."""
        agency = self.callers["secretary"].me["agency"]["id"]
        given = {"severity": "MINOR", "description": f"Phiếu thiếu chữ ký {uuid4().hex[:6]}"}
        it = await self._do(
            "audits", "secretary", "raiseNonconformity", NONCONFORMITY, agencyId=agency, **given
        )
        about = {"nonconformityId": it["id"], "expectedVersion": it["version"]}
        said = {"correction": "Đã ký bổ sung."}
        await self._do("audits", "secretary", "recordCorrection", NONCONFORMITY, **about, **said)

    async def upload(self) -> None:
        """A file: a place reserved, the bytes put straight into the store, the file found available."""
        await self.confirm(await self.put())

    async def put(self) -> Uploaded:
        """A file in the store that is not confirmed yet."""
        file, agency = a_word_file(), self.callers["secretary"].me["agency"]["id"]
        digest = sha256(file.content).hexdigest()
        about = {"name": file.name, "mediaType": file.media_type, "size": len(file.content), "sha256": digest}
        ticket = await self.insist("secretary", "reserveUpload", TICKET, uuid4(), agencyId=agency, **about)
        await self._put(ticket, file)
        return Uploaded(UUID(ticket["uploadId"]), digest)

    async def confirm(self, it: Uploaded) -> None:
        """Insist that it is found available."""
        given = {"uploadId": it.upload_id}
        done = await self.insist("secretary", "confirmUpload", "Upload { id state }", uuid4(), **given)
        assert done["state"] == "available", done
        self.uploaded.append(it)

    async def _put(self, ticket: dict[str, Any], file: File) -> None:
        headers = {pair["name"]: pair["value"] for pair in ticket["headers"]}
        limit = time.monotonic() + LONGEST_SECONDS
        while True:
            try:
                answer = await self.http.put(ticket["url"], content=file.content, headers=headers)
            except httpx.TransportError:
                pass
            else:
                if answer.is_success:
                    return
                assert answer.status_code >= 500, answer.text
            assert time.monotonic() < limit, f"not put within {LONGEST_SECONDS} s"
            await asyncio.sleep(0.2)

    async def little(self) -> None:
        """Something for each service that is quickly done."""
        await asyncio.gather(self.registered(), self.nonconformity(), self.upload())

    async def writing(self) -> None:
        """What needs the services alone and is quickly done."""
        await asyncio.gather(self.registered(), self.nonconformity(), self.nonconformity())

    async def some(self) -> None:
        """A little of everything, side by side."""
        await asyncio.gather(self.dossier(), self.nonconformity(), self.nonconformity(), self.upload())
