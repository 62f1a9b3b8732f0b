"""Bad uploads through the gateway: what is not as declared never becomes part of anything."""

from base64 import b64decode
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from kernel.data.judging.rules import rules
from tests import files
from tests.e2e.asking import a_word_file, command, is_clear
from tests.e2e.conftest import COMMUNE, DEPARTMENT

pytestmark = pytest.mark.usefixtures("unharmed")

PDF = "application/pdf"
WITH_MACROS = files.packed(files.docx_members() | {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
EICAR = b64decode(rules()["patterns"][0]["base64"])
WITH_EICAR = files.packed(files.docx_members() | {"word/media/image1.png": EICAR})
TICKET = "UploadTicket { uploadId url headers { name value } }"


@pytest.fixture
async def caller(sign_in):
    return await sign_in(DEPARTMENT, "secretary")


@pytest.fixture
async def store():
    """A client that knows nothing but the links it is given."""
    async with httpx.AsyncClient(timeout=30) as client:
        yield client


async def reserve(caller, http, content: bytes, **changes):
    file = a_word_file()
    given = {"agencyId": caller.me["agency"]["id"], "name": file.name, "mediaType": file.media_type}
    given |= {"size": len(content), "sha256": sha256(content).hexdigest()}
    return await command(caller, http, "reserveUpload", TICKET, **given | changes)


async def put(store, ticket, content: bytes, url: str | None = None) -> int:
    headers = {pair["name"]: pair["value"] for pair in ticket["headers"]}
    return (await store.put(url or ticket["url"], content=content, headers=headers)).status_code


async def confirm(caller, http, ticket):
    return await command(caller, http, "confirmUpload", "Upload { state }", uploadId=ticket["uploadId"])


async def make_a_document(caller, http, ticket):
    given = {
        "agencyId": caller.me["agency"]["id"],
        "kind": "FORM",
        "code": "BM.99",
        "title": "Không được thấy",
    }
    return await command(
        caller, http, "createDocument", "Document { id }", **given, uploadId=ticket["uploadId"]
    )


WORD = a_word_file().content
OTHER_BYTES = WORD[:-1] + b"!"
SENT = {
    "other bytes": ({}, OTHER_BYTES, "upload_wrong_hash", "sha256"),
    "another type": ({"mediaType": PDF}, WORD, "upload_wrong_type", "mediaType"),
    "macros": ({}, WITH_MACROS, "upload_active_content", "uploadId"),
    "a program called PDF": ({"mediaType": PDF}, b"%PDF-1.7 MZ", "upload_not_judged", "uploadId"),
    "EICAR": ({}, WITH_EICAR, "upload_known_bad", "uploadId"),
}


@pytest.mark.parametrize(("declared", "sent", "code", "field"), SENT.values(), ids=SENT.keys())
async def test_what_arrives_otherwise_than_declared_is_refused_for_good(
    caller, http, store, declared, sent, code, field
):
    content = WORD if sent is OTHER_BYTES else sent
    ticket = await reserve(caller, http, content, **declared)
    assert await put(store, ticket, sent) == 200
    problem = is_clear(await confirm(caller, http, ticket))
    assert (problem["code"], problem["field"]) == (code, field)
    assert await put(store, ticket, content) == 200
    for answer in (await confirm(caller, http, ticket), await make_a_document(caller, http, ticket)):
        assert is_clear(answer)["code"] == "upload_quarantined"
        assert "confirmUpload" not in answer["remedyEn"], "what was refused for good cannot be confirmed"


@pytest.mark.parametrize("sent", [WORD[:-1], WORD + b"!", b""], ids=["fewer bytes", "more bytes", "nothing"])
async def test_the_store_itself_refuses_another_length(caller, http, store, sent):
    ticket = await reserve(caller, http, WORD)
    assert await put(store, ticket, sent) == 403
    assert is_clear(await confirm(caller, http, ticket))["code"] == "upload_not_arrived"
    assert await put(store, ticket, WORD) == 200
    assert (await confirm(caller, http, ticket))["state"] == "available"


HOSTILE = {
    "public": {"x-amz-acl": "public-read"},
    "granted": {"x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'},
    "copied": {"x-amz-copy-source": "/eiso/trail-anchors/directory/2026-08-10.json"},
    "locked": {
        "x-amz-object-lock-mode": "COMPLIANCE",
        "x-amz-object-lock-retain-until-date": "2036-01-01T00:00:00Z",
    },
}


@pytest.mark.parametrize("headers", HOSTILE.values(), ids=HOSTILE)
async def test_headers_that_the_ticket_does_not_name_open_and_lock_nothing(caller, http, store, headers):
    ticket = await reserve(caller, http, WORD)
    given = {pair["name"]: pair["value"] for pair in ticket["headers"]} | headers
    assert (await store.put(ticket["url"], content=WORD, headers=given)).status_code in (400, 403)
    assert (await store.get(ticket["url"].partition("?")[0])).status_code == 403
    assert is_clear(await confirm(caller, http, ticket))["code"] == "upload_not_arrived"


RESERVED = {
    "a page": ({"mediaType": "text/html"}, "mediaType", "upload_type_not_allowed"),
    "a program": ({"mediaType": "application/x-msdownload"}, "mediaType", "upload_type_not_allowed"),
    "too large": ({"size": 60_000_000}, "size", "upload_too_large"),
    "nothing": ({"size": 0}, "size", "too_small"),
    "no hash": ({"sha256": "xyz"}, "sha256", "wrong_form"),
    "no name": ({"name": ""}, "name", "too_short"),
}


@pytest.mark.parametrize(("changes", "field", "code"), RESERVED.values(), ids=RESERVED.keys())
async def test_what_may_not_be_uploaded_gets_no_place(caller, http, changes, field, code):
    problem = await reserve(caller, http, WORD, **changes)
    assert (problem["code"], problem["field"]) == (code, field)
    is_clear(problem)


async def test_what_was_not_confirmed_is_part_of_nothing_and_read_by_nobody(caller, http, store):
    ticket = await reserve(caller, http, WORD)
    assert is_clear(await make_a_document(caller, http, ticket))["code"] == "upload_not_available"
    assert is_clear(await confirm(caller, http, ticket))["code"] == "upload_not_arrived"
    assert await put(store, ticket, WORD) == 200
    plain = ticket["url"].partition("?")[0]
    assert (await store.get(plain)).status_code == 403
    assert (await store.get(ticket["url"])).status_code == 403, "a link to write with does not read"
    assert is_clear(await make_a_document(caller, http, ticket))["code"] == "upload_not_available"


async def test_a_link_that_was_changed_or_names_another_key_is_refused_by_the_store(caller, http, store):
    ticket, other = await reserve(caller, http, WORD), await reserve(caller, http, WORD)
    url = ticket["url"]
    bucket = urlsplit(url).path.split("/")[1]
    changed = {
        "another key": url.replace(ticket["uploadId"], other["uploadId"]),
        "a longer life": url.replace("X-Amz-Expires=", "X-Amz-Expires=9"),
        "another signature": url[:-4] + "0000",
        "no signature": url.partition("?")[0],
        "the whole bucket": url.replace(urlsplit(url).path, f"/{bucket}"),
    }
    for how, link in changed.items():
        assert await put(store, ticket, WORD, link) == 403, how
    for each in (ticket, other):
        assert is_clear(await confirm(caller, http, each))["code"] == "upload_not_arrived"


async def test_anothers_upload_is_answered_like_one_that_does_not_exist(caller, http, sign_in, store):
    ticket = await reserve(caller, http, WORD)
    assert await put(store, ticket, WORD) == 200
    stranger = await sign_in(COMMUNE, "secretary")
    for act in (confirm, make_a_document):
        theirs = await act(stranger, http, ticket)
        assert theirs == await act(stranger, http, {"uploadId": str(uuid4())})
        assert is_clear(theirs)["code"] == "upload_not_found"
