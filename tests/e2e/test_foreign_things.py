"""What belongs to another agency is answered exactly like what does not exist."""

from datetime import date
from uuid import uuid4

import pytest

from tests.e2e.asking import (
    DOCUMENT,
    a_draft,
    a_word_file,
    an_approved,
    ask,
    command,
    errors_of,
    is_clear,
    to_issue,
)
from tests.e2e.conftest import COMMUNE, DEPARTMENT

SEEN = (
    """query($id: UUID!) { document(id: $id) { code trail { id } revisions { id } openRevision { id } } }"""
)


@pytest.fixture
async def hands(sign_in):
    """The department's people."""
    keys = ("secretary", "division", "deputy", "head", "officer")
    return {key: await sign_in(DEPARTMENT, key) for key in keys}


STEPS = {
    "startRevision": {"changeNote": "Đổi mẫu", "uploadId": str(uuid4())},
    "editDraft": {"title": "Của người khác"},
    "submitRevision": {},
    "reviewRevision": {},
    "returnRevision": {"reason": "Chưa được"},
    "approveRevision": {},
    "issueRevision": {"effectiveFrom": date(2026, 8, 10)},
}


async def test_no_command_distinguishes_a_foreign_document_from_none(http, hands, sign_in):
    document = await a_draft(hands["secretary"])
    before = await hands["secretary"].ask(SEEN, id=document["id"])
    for key in ("secretary", "head"):
        stranger = await sign_in(COMMUNE, key)
        for name, given in STEPS.items():
            said = [
                await command(stranger, http, name, DOCUMENT, documentId=each, expectedVersion=1, **given)
                for each in (document["id"], str(uuid4()))
            ]
            assert said[0] == said[1], name
            assert is_clear(said[0])["code"] in ("document_not_found", "not_permitted"), name
    assert await hands["secretary"].ask(SEEN, id=document["id"]) == before


async def test_no_question_distinguishes_a_foreign_document_from_none(http, hands, sign_in):
    document = await a_draft(hands["secretary"])
    stranger = await sign_in(COMMUNE, "head")
    asked = "query($id: UUID!) { document(id: $id) { code title trail { action } } }"
    for each in (document["id"], str(uuid4())):
        assert await stranger.ask(asked, id=each) == {"document": None}
    listed = "query($a: UUID) { documents(agencyId: $a) { edges { node { code } } } }"
    for agency in (document_agency(hands), str(uuid4())):
        assert (await stranger.ask(listed, a=agency))["documents"]["edges"] == []
    searched = "query($s: String) { documents(search: $s) { edges { node { code } } } }"
    assert (await stranger.ask(searched, s=document["code"]))["documents"]["edges"] == []
    assert len((await hands["secretary"].ask(searched, s=document["code"]))["documents"]["edges"]) == 1


def document_agency(hands) -> str:
    return str(hands["secretary"].me["agency"]["id"])


async def test_who_receives_a_document_sees_what_is_issued_and_no_draft(http, hands, sign_in):
    reader = await sign_in(COMMUNE, "head")
    theirs = reader.me["agency"]["id"]
    document = await an_approved(
        hands["secretary"], hands["division"], hands["deputy"], distribution=[theirs]
    )
    seen = "query($id: UUID!) { document(id: $id) { revisions { number state download { url } } } }"
    assert await reader.ask(seen, id=document["id"]) == {"document": None}
    document = await hands["head"].do("issueRevision", DOCUMENT, **to_issue(document))
    upload = await hands["secretary"].upload(document_agency(hands), a_word_file())
    given = {"documentId": document["id"], "expectedVersion": document["version"]}
    await hands["secretary"].do("startRevision", DOCUMENT, **given, uploadId=upload, changeNote="Đổi mẫu")
    [revision] = (await reader.ask(seen, id=document["id"]))["document"]["revisions"]
    assert (revision["number"], revision["state"]) == (1, "ISSUED")
    assert (await http.get(revision["download"]["url"])).status_code == 200
    assert len((await hands["officer"].ask(seen, id=document["id"]))["document"]["revisions"]) == 2
    said = errors_of(await ask(http, SEEN, {"id": document["id"]}, token=reader.token))
    assert {each["code"] for each in said} == {"document_not_found"}, "the trail is not for readers"


async def test_an_upload_of_another_agency_gets_into_no_document(http, hands, sign_in):
    commune = await sign_in(COMMUNE, "secretary")
    upload = await commune.upload(commune.me["agency"]["id"], a_word_file())
    mine = {"agencyId": document_agency(hands), "kind": "FORM", "code": "BM.07", "title": "Biểu mẫu"}
    for each in (upload, str(uuid4())):
        problem = await command(hands["secretary"], http, "createDocument", DOCUMENT, **mine, uploadId=each)
        assert (problem["code"], problem["field"]) == ("upload_not_found", "uploadId")
