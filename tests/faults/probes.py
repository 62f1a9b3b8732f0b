"""Asked once and never again, while something is out of order: how it is answered, and how soon."""

import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from tests.client import Refused
from tests.e2e.asking import ask, command, errors_of, is_clear
from tests.faults.traffic import NONCONFORMITY, OUT_OF_TIME, Uploaded

ANSWERED_WITHIN = 3 * 10
"""Three times the time a call is given."""
FLOWS_WITHIN = 3 * 15
DOSSIERS = "{ dossiers(first: 1) { edges { node { id } } } }"
DOCUMENTS = "{ documents(first: 1) { edges { node { id } } } }"


class Probes:
    """Commands sent once and never again, with how they were answered."""

    def __init__(self, platform, traffic) -> None:
        self.platform, self.traffic = platform, traffic
        self.refused, self.longest = [], 0.0

    async def command(self) -> bool:
        """Whether a new nonconformity was accepted; a refusal must be clear, and in time."""
        request_id, began = uuid4(), time.monotonic()
        caller = self.traffic.callers["secretary"]
        given = {
            "agencyId": caller.me["agency"]["id"],
            "severity": "MINOR",
            "description": "Thử khi gián đoạn",
        }
        wanted = f"{NONCONFORMITY} "
        answer = await command(
            caller, self.traffic.http, "raiseNonconformity", wanted, requestId=request_id, **given
        )
        self.longest = max(self.longest, time.monotonic() - began)
        if answer["__typename"] == "Nonconformity":
            return True
        if answer.get("code") in OUT_OF_TIME:
            # An outage may outlast a token: who still works on signs in anew, as soon as that can be done.
            with suppress(Refused, httpx.TransportError):
                await self.traffic.sign_in_anew(caller)
            return False
        assert answer["__typename"] == "UnavailableProblem", answer
        is_clear(answer)
        self.refused.append(request_id)
        return False

    async def query(self, text) -> bool:
        """Whether a question was answered; an error must be clear, and in time."""
        began = time.monotonic()
        answer = await ask(self.traffic.http, text, token=self.traffic.callers["counter"].token)
        self.longest = max(self.longest, time.monotonic() - began)
        if "errors" not in answer.json():
            return True
        assert {each["kind"] for each in errors_of(answer)} == {"Unavailable"}
        return False

    async def confirm(self, it: Uploaded) -> dict[str, Any]:
        """How the confirmation of an upload is answered."""
        caller, wanted = self.traffic.callers["secretary"], "Upload { id state } "
        return await command(caller, self.traffic.http, "confirmUpload", wanted, uploadId=it.upload_id)

    def carried_out_all_the_same(self, service: str = "audits") -> int:
        asked = "select count(*) from trail where request_id = any(%s)"
        with psycopg.connect(self.platform.admin_url_of(service)) as database:
            return database.execute(asked, [self.refused]).fetchone()[0]

    def carried_out_twice(self, service: str = "audits") -> int:
        asked = "select count(*) - count(distinct request_id) from trail where request_id = any(%s)"
        with psycopg.connect(self.platform.admin_url_of(service)) as database:
            return database.execute(asked, [self.refused]).fetchone()[0]
