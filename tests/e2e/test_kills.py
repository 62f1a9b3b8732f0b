"""kill -9 in the middle of things: started again by itself, one effect, one notice, one e-mail, no gap."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import uuid4

import httpx
import pytest

from demo.story.live import listening
from deploy.local import supervised
from deploy.platform.answering import process_answers
from tests.client import Gateway
from tests.e2e.asking import DOCUMENT, an_approved, to_issue
from tests.e2e.conftest import DEPARTMENT, enter, eventually, member_of

MOMENTS = [0.0, 0.03]
"""Seconds after the command went out: on its way, and while it is carried out or published."""


def pid_of(platform, process: str) -> int:
    return supervised.processes(platform.instance)[process]["pid"]


def kill(platform, process: str) -> int:
    pid = pid_of(platform, process)
    os.kill(pid, signal.SIGKILL)
    return pid


async def started_again(platform, process: str, killed: int) -> None:
    """Until the supervisor has another one up and ready."""
    address = platform.ready_addresses[process]

    def is_back() -> bool:
        return pid_of(platform, process) not in (0, killed) and process_answers(address)

    await eventually(lambda: asyncio.to_thread(is_back), 40)


async def insist(act: Callable[[], Awaitable[Any]]) -> Any:
    """What a client does whose connection is lost: the very same request again."""

    async def once() -> Any:
        try:
            return await act()
        except httpx.TransportError:
            return None

    return await eventually(once, 40)


@pytest.fixture
async def hands(platform, http):
    """The department's people, by position."""
    keys = ("secretary", "division", "deputy", "head", "officer")
    return {key: await enter(platform, http, DEPARTMENT, key) for key in keys}


async def approved(hands: dict[str, Gateway]) -> dict[str, Any]:
    return await an_approved(hands["secretary"], hands["division"], hands["deputy"])


async def notices_about(reader: Gateway, code: str) -> list[dict[str, Any]]:
    asked = """{ notices(first: 50) { edges { node { number kind subject deliveries { state } } } } }"""
    edges = (await reader.ask(asked))["notices"]["edges"]
    return [
        e["node"] for e in edges if code in e["node"]["subject"] and e["node"]["kind"] == "revision_issued"
    ]


def mails_about(platform, code: str) -> list[Any]:
    """The e-mails to the reader about a document's issue."""
    reader = member_of(DEPARTMENT, "officer").email
    mails = (path.read_bytes() for path in sorted(platform.instance.mails.glob("*.eml")))
    parsed = (message_from_bytes(mail, policy=default) for mail in mails)
    about = (m for m in parsed if m["To"] == reader and code in m["Subject"])
    return [mail for mail in about if mail["X-Notice-Kind"] == "revision_issued"]


async def notified_once(platform, hands, document, *, is_sender_killed: bool = False) -> None:
    """One effect, one notice, one e-mail."""
    reader, code = hands["officer"], document["code"]

    async def sent() -> bool:
        about = await notices_about(reader, code)
        return bool(about) and all(d["state"] == "SENT" for n in about for d in n["deliveries"])

    await eventually(sent, 40)
    assert len(await notices_about(reader, code)) == 1
    mails = mails_about(platform, code)
    # Only a sender that dies between the mail server's answer and its commit repeats, under the same id.
    assert len({mail["Message-ID"] for mail in mails}) == 1
    assert len(mails) == 1 or is_sender_killed
    asked = "query($id: UUID!) { document(id: $id) { version revisions { state } trail { action } } }"
    found = (await hands["secretary"].ask(asked, id=document["id"]))["document"]
    assert [row["action"] for row in found["trail"]].count("documents:issue_revision") == 1
    assert found["version"] == document["version"] + 1
    assert [revision["state"] for revision in found["revisions"]] == ["ISSUED"]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("process", ["documents", "notify", "gateway"])
async def test_a_process_killed_while_a_revision_is_issued_costs_nobody_anything(
    platform, hands, process, moment
):
    document = await approved(hands)
    asked = {"requestId": uuid4(), **to_issue(document)}

    def issue() -> Awaitable[Any]:
        return hands["head"].do("issueRevision", DOCUMENT, **asked)

    first = asyncio.create_task(insist(issue))
    await asyncio.sleep(moment)
    killed = kill(platform, process)
    answer = await first
    await started_again(platform, process, killed)
    assert await insist(issue) == answer, "repeated once more it answers the same"
    await notified_once(platform, hands, document, is_sender_killed=process == "notify")


async def test_a_command_sent_ten_times_across_a_kill_has_one_effect(platform, hands):
    document = await approved(hands)
    asked = {"requestId": uuid4(), **to_issue(document)}

    def issue() -> Awaitable[Any]:
        return hands["head"].do("issueRevision", DOCUMENT, **asked)

    sent = [asyncio.create_task(insist(issue)) for _ in range(10)]
    await asyncio.sleep(0.02)
    killed = kill(platform, "documents")
    answers = await asyncio.gather(*sent)
    assert all(answer == answers[0] for answer in answers)
    await started_again(platform, "documents", killed)
    await notified_once(platform, hands, document)


async def test_a_listener_resumes_after_the_gateway_was_killed_and_misses_nothing(platform, hands):
    reader, documents = hands["officer"], [await approved(hands) for _ in range(3)]
    asked = (
        "query($n: Int) { notices(first: 100, afterNumber: $n) { edges { node { number kind subject } } } }"
    )
    seen = (await reader.ask("{ notices(first: 1) { edges { node { number } } } }"))["notices"]["edges"]
    last = seen[0]["node"]["number"] if seen else 0
    async with listening(platform.gateway_url, reader, last) as before:
        await hands["head"].do("issueRevision", DOCUMENT, **to_issue(documents[0]))
        await eventually(lambda: before.heard)
        heard = [notice["number"] for notice in before.heard]
        # The next one is posted while nobody listens: the answer is awaited, the notice is not.
        await hands["head"].do("issueRevision", DOCUMENT, **to_issue(documents[1]))
        killed = kill(platform, "gateway")
    await started_again(platform, "gateway", killed)
    async with listening(platform.gateway_url, reader, heard[-1]) as after:
        await eventually(lambda: len(after.heard) >= 1)
        await insist(lambda: hands["head"].do("issueRevision", DOCUMENT, **to_issue(documents[2])))
        await eventually(lambda: any(documents[2]["code"] in n["subject"] for n in after.heard))
        resumed = [notice["number"] for notice in after.heard]
    assert heard[0] == last + 1
    assert resumed == list(range(heard[-1] + 1, heard[-1] + 1 + len(resumed))), "none left out, none twice"
    stored = (await reader.ask(asked, n=last))["notices"]["edges"]
    numbers = [edge["node"]["number"] for edge in stored]
    assert numbers == heard + [n for n in resumed if n > heard[-1]] == list(range(last + 1, resumed[-1] + 1))
    for document in documents:
        assert len(await notices_about(reader, document["code"])) == 1
