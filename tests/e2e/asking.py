"""How the end-to-end tests ask: raw GraphQL, what a clear refusal is, and what everybody can see."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from unicodedata import is_normalized
from uuid import uuid4

import httpx

from demo.province import docx
from demo.province.procedures import read
from demo.story.cast import OPENING
from tests.client import File, Gateway, Refused, plain

PROBLEM = "... on Problem { code message messageEn remedy remedyEn field }"
DOCUMENT = "Document { id version code title }"
LETTERS = set("ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ")


async def ask(
    http: httpx.AsyncClient, query: str, variables: Any = None, *, token: str | None = None, **headers: str
) -> httpx.Response:
    """One GraphQL request as it is, whatever it is."""
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


async def command(caller: Gateway, http: httpx.AsyncClient, name: str, wanted: str, /, **given: Any) -> Any:
    """A command's answer, be it done or a problem with all its words."""
    shape = f"{name[0].upper()}{name[1:]}Input!"
    text = f"mutation($input: {shape}) {{ answer: {name}(input: $input) {{ __typename ... on {wanted} "
    asked = plain({"requestId": uuid4(), **given})
    answer = await ask(http, f"{text}{PROBLEM} }} }}", {"input": asked}, token=caller.token)
    if answer.status_code == 401:
        [error] = answer.json()["errors"]
        return {"__typename": "ForbiddenProblem", **error["extensions"]}
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["answer"]


def errors_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """What the errors of an answer say in their extensions, each found to be clear."""
    said = [error["extensions"] for error in answer.json()["errors"]]
    for each in said:
        assert each["traceId"] == answer.headers["x-trace-id"]
        is_clear(each)
    return said


def is_clear(problem: dict[str, Any]) -> dict[str, Any]:
    """A reason and a remedy, each in Vietnamese and in English."""
    for name in ("message", "remedy"):
        vi, en = problem[name], problem[f"{name}En"]
        assert LETTERS & set(vi.lower()), vi
        assert is_normalized("NFC", vi)
        assert en
        assert en != vi
    return problem


def a_word_file(title: str = "Hướng dẫn tiếp nhận hồ sơ") -> File:
    """A Word file that is the same as no other."""
    given = read("qttp_20")
    content = docx.document(given, agency=f"{title} {uuid4()}", revision=1, effective="10/08/2026")
    return File(name="huong-dan.docx", media_type=docx.MEDIA_TYPE, content=content)


async def a_draft(caller: Gateway, **changes: Any) -> dict[str, Any]:
    """A new document with its draft, by somebody who may write in their own agency."""
    agency = caller.me["agency"]["id"]
    given = {
        "agencyId": agency,
        "kind": "WORK_INSTRUCTION",
        "code": f"HD-{uuid4().hex[:8].upper()}",
        "title": "Hướng dẫn tiếp nhận hồ sơ",
        "uploadId": await caller.upload(agency, a_word_file()),
    }
    return await caller.do("createDocument", DOCUMENT, **given | changes)


async def an_approved(
    author: Gateway, reviewer: Gateway, approver: Gateway, **changes: Any
) -> dict[str, Any]:
    """A document whose draft only has to be issued."""
    made = await a_draft(author, **changes)
    hands = {"submit": author, "review": reviewer, "approve": approver}
    for step, caller in hands.items():
        given = {"documentId": made["id"], "expectedVersion": made["version"]}
        made = await caller.do(f"{step}Revision", DOCUMENT, **given)
    return made


def to_issue(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The input that issues it today."""
    given = {"documentId": document["id"], "expectedVersion": document["version"]}
    return {**given, "effectiveFrom": OPENING.date(), **changes}


async def once_known(act: Callable[[], Awaitable[Any]]) -> Any:
    """Do it as soon as the service has heard of the procedure that another has just issued."""
    limit = time.monotonic() + 20
    while True:
        try:
            return await act()
        except Refused as no:
            if no.problem["code"] != "procedure_not_found" or time.monotonic() > limit:
                raise
        await asyncio.sleep(0.05)


async def seen_by(caller: Gateway) -> dict[str, Any]:
    """What a person sees: documents with their versions and revisions, and the newest notice."""
    asked = """{ documents(first: 100) { edges { node { id version revisions { id state } } } }
      notices(first: 1) { edges { node { number } } } }"""
    return await caller.ask(asked)
