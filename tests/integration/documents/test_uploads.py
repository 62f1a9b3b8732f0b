"""Uploads against a real store: what is not as declared never becomes visible."""

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
import urllib3
from sqlalchemy import text, update

from kernel import clock
from kernel.data.tables import uploads
from kernel.errors import Conflict
from tests.integration.documents.conftest import DOCX, a_docx

http = urllib3.PoolManager()


def state(documents, upload_id):
    with documents.database.sessions() as session:
        return session.execute(
            text("select state, fault from uploads where id = :id"), {"id": upload_id}
        ).one()


def test_a_file_goes_straight_to_the_store_and_becomes_available(desk, documents):
    upload_id = desk.uploaded()
    assert state(documents, upload_id).state == "available"
    assert desk.confirm(upload_id)["ok"]["state"] == "available", "confirming again changes nothing"


def test_nothing_arrived_yet(desk):
    ticket = desk.reserve(a_docx())["ok"]
    assert desk.confirm(ticket["upload_id"])["refused"]["code"] == "upload_not_arrived"


@pytest.mark.parametrize(
    ("declared", "sent", "code", "field"),
    [
        ({}, b"PK\x03\x04 other bytes word/ of the same size", "upload_wrong_size", "size"),
        ({"sha256": "0" * 64}, None, "upload_wrong_hash", "sha256"),
        ({"media_type": "application/pdf"}, None, "upload_wrong_type", "mediaType"),
    ],
)
def test_what_is_not_as_declared_is_quarantined(desk, documents, declared, sent, code, field):
    body = a_docx()
    ticket = desk.reserve(body, **declared)["ok"]
    assert desk.put(ticket["url"], sent or body) == 200
    refused = desk.confirm(ticket["upload_id"])["refused"]
    assert (refused["code"], refused["field"]) == (code, field)
    assert tuple(state(documents, ticket["upload_id"])) == ("quarantined", code)
    wanted = {
        "request_id": uuid4(),
        "agency_id": desk.province.department,
        "kind": "form",
        "code": "BM.01",
        "title": "Không được thấy",
        "upload_id": ticket["upload_id"],
    }
    answer = desk.rpc.call("documents.create_document", wanted, grant=desk.drafter)
    assert answer["refused"]["code"] == "upload_not_available"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"media_type": "text/html"}, "upload_type_not_allowed"),
        ({"size": 60_000_000}, "upload_too_large"),
        ({"sha256": "xyz"}, "wrong_form"),
        ({"size": 0}, "too_small"),
        ({"name": ""}, "too_short"),
    ],
)
def test_bad_reservations_are_refused(desk, changes, code):
    assert desk.reserve(a_docx(), **changes)["refused"]["code"] == code


def test_the_store_refuses_a_link_that_was_tampered_with_or_names_another_key(desk):
    ticket = desk.reserve(a_docx())["ok"]
    other = desk.reserve(a_docx())["ok"]
    moved = ticket["url"].replace(ticket["upload_id"], other["upload_id"])
    assert desk.put(moved, b"x") == 403
    assert desk.put(ticket["url"][:-4] + "0000", b"x") == 403
    assert desk.put(ticket["url"].partition("?")[0], b"x") == 403


def test_an_expired_link_is_refused_by_the_store_and_by_confirm(desk, documents):
    store = documents.means.store
    ticket = desk.reserve(a_docx())["ok"]
    with documents.database.sessions() as session:
        key = session.execute(
            text("select key from uploads where id = :id"), {"id": ticket["upload_id"]}
        ).scalar()
        passed = clock.now() - timedelta(minutes=1)
        session.execute(update(uploads).values(expires_at=passed))
        session.commit()
    link = store.put_link(key, 1)
    import eventlet

    eventlet.sleep(2.1)
    assert desk.put(link, b"x") == 403
    assert desk.confirm(ticket["upload_id"])["refused"]["code"] == "upload_expired"


def test_the_same_reservation_gives_the_same_place(desk):
    body, request_id = a_docx(), uuid4()
    one = desk.reserve(body, request_id=request_id)["ok"]
    again = desk.reserve(body, request_id=request_id)["ok"]
    assert one["upload_id"] == again["upload_id"]
    other = desk.reserve(body, request_id=request_id, name="khac.docx")
    assert other["refused"]["code"] == "request_id_reused"


def test_nobody_confirms_anothers_agencys_upload(desk, province):
    ticket = desk.reserve(a_docx())["ok"]
    stranger = province.person("drafter", at=province.commune)
    assert desk.confirm(ticket["upload_id"], stranger)["refused"]["code"] == "upload_not_found"
    refused = desk.reserve(a_docx(), grant=stranger)["refused"]
    assert refused["code"] == "not_permitted"


def test_an_issued_file_is_read_by_its_version_and_cannot_be_deleted(desk, documents, province):
    document = desk.issued(clock.today().isoformat())
    [revision] = desk.rpc.call("documents.revisions_of", {"ids": [document["id"]]}, grant=desk.drafter)["ok"]
    reader = province.person("reader")
    link = desk.rpc.call("documents.download_revision", {"revision_id": revision["id"]}, grant=reader)["ok"]
    answer = http.request("GET", link["url"])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert sha256(answer.data).hexdigest() == revision["file"]["sha256"] == link["sha256"]
    with documents.database.sessions() as session:
        row = session.execute(text("select object_key, object_version from revisions")).one()
    with pytest.raises(Conflict, match="object_is_locked"):
        documents.means.store.remove(row.object_key, row.object_version)


def test_a_replayed_put_does_not_change_what_was_confirmed(desk, documents):
    body = a_docx()
    ticket = desk.reserve(body)["ok"]
    desk.put(ticket["url"], body)
    desk.confirm(ticket["upload_id"])
    assert desk.put(ticket["url"], a_docx("kẻ gian"), DOCX) == 200
    with documents.database.sessions() as session:
        row = session.execute(text("select key, version_id from uploads")).one()
    assert documents.means.store.read(row.key, row.version_id) == body


def test_locks_that_run_out_soon_are_extended(desk, documents):
    from kernel.process import sweep_once
    from services.documents.service import DocumentsService

    desk.issued(clock.today().isoformat())
    with documents.database.sessions() as session:
        session.execute(text("update revisions set locked_until = now() + interval '1 day'"))
        session.commit()
    [sweep] = [each for each in DocumentsService.sweeps if each.name == "extend_locks"]
    assert sweep_once(documents.means, sweep) == 1
    assert sweep_once(documents.means, sweep) == 0
    with documents.database.sessions() as session:
        row = session.execute(text("select object_key, object_version, locked_until from revisions")).one()
    held = documents.means.store.locked_until(row.object_key, row.object_version)
    assert abs((held - row.locked_until).total_seconds()) < 2
