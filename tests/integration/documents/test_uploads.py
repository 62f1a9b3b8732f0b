"""Uploads against a real store: what is not as declared never becomes visible."""

import signal
from base64 import b64decode
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import eventlet
import pytest
import urllib3
from minio.error import S3Error
from sqlalchemy import text, update

from deploy.platform import bucket
from kernel.base import clock
from kernel.data.judging.rules import rules
from kernel.data.tables import uploads
from tests import files
from tests.files import DOCX, PDF
from tests.integration.documents.conftest import a_docx

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
        ({"sha256": "0" * 64}, None, "upload_wrong_hash", "sha256"),
        ({"media_type": "application/pdf"}, None, "upload_wrong_type", "mediaType"),
    ],
)
def test_what_is_not_as_declared_is_quarantined(desk, documents, declared, sent, code, field):
    body = a_docx()
    ticket = desk.reserve(body, **declared)["ok"]
    media_type = declared.get("media_type", DOCX)
    assert desk.put(ticket["url"], sent or body, media_type) == 200
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
    answer = desk.rpc.call("documents.create_document", wanted, token=desk.drafter)
    assert answer["refused"]["code"] == "upload_quarantined"


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
    link = store.put_link(key, DOCX, 1, 1)
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
    refused = desk.reserve(a_docx(), token=stranger)["refused"]
    assert refused["code"] == "not_permitted"


def test_an_issued_file_is_read_by_its_version_and_cannot_be_deleted(desk, documents, province, platform):
    document = desk.issued(clock.today().isoformat())
    [revision] = desk.rpc.call("documents.revisions_of", {"ids": [document["id"]]}, token=desk.drafter)["ok"]
    reader = province.person("reader")
    link = desk.rpc.call("documents.download_revision", {"revision_id": revision["id"]}, token=reader)["ok"]
    answer = http.request("GET", link["url"])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert sha256(answer.data).hexdigest() == revision["file"]["sha256"] == link["sha256"]
    with documents.database.sessions() as session:
        row = session.execute(text("select object_key, object_version from revisions")).one()
    with pytest.raises(S3Error, match="AccessDenied"):
        bucket.client(platform).remove_object(
            platform.s3_bucket, row.object_key, version_id=row.object_version
        )


def test_a_replayed_put_does_not_change_what_was_confirmed(desk, documents):
    body = a_docx()
    ticket = desk.reserve(body)["ok"]
    desk.put(ticket["url"], body)
    desk.confirm(ticket["upload_id"])
    assert desk.put(ticket["url"], bytes(len(body)), DOCX) == 200
    assert desk.confirm(ticket["upload_id"])["ok"]["state"] == "available"
    with documents.database.sessions() as session:
        row = session.execute(text("select key, version_id from uploads")).one()
    assert documents.means.store.read(row.key, row.version_id) == body


def arrived(documents, upload_id) -> int:
    """How many versions of this upload lie in the intake."""
    return sum(str(upload_id) in each.key for each in documents.means.store.waiting())


def sweep(documents, name: str) -> int:
    from kernel.run.process import sweep_once
    from services.documents.service import DocumentsService

    [found] = [each for each in DocumentsService.sweeps if each.name == name]
    return sweep_once(documents.means, found)


def test_what_was_put_again_after_the_confirmation_is_swept_and_no_version_stays(desk, documents, platform):
    body = a_docx()
    ticket = desk.reserve(body)["ok"]
    desk.put(ticket["url"], body)
    desk.confirm(ticket["upload_id"])
    for _ in range(3):
        assert desk.put(ticket["url"], bytes(len(body)), DOCX) == 200
    another = a_docx("còn chờ")
    waiting = desk.reserve(another)["ok"]
    assert desk.put(waiting["url"], another, DOCX) == 200
    assert arrived(documents, ticket["upload_id"]) == 4
    sweep(documents, "clear_intake")
    assert arrived(documents, ticket["upload_id"]) == 0
    assert arrived(documents, waiting["upload_id"]) == 1, "that one may yet be confirmed"
    with documents.database.sessions() as session:
        key = session.scalar(text("select key from uploads where state = 'available'"))
    assert len(list(bucket.client(platform).list_objects("eiso", prefix=key, include_version=True))) == 1


def test_a_refused_file_is_kept_nowhere(desk, documents, platform):
    ticket = put_as(desk, EICAR_DOCX, DOCX, "a.docx")
    assert desk.confirm(ticket["upload_id"])["refused"]["code"] == "upload_known_bad"
    sweep(documents, "clear_intake")
    assert arrived(documents, ticket["upload_id"]) == 0
    with documents.database.sessions() as session:
        key = session.scalar(text("select key from uploads"))
    assert not list(bucket.client(platform).list_objects("eiso", prefix=key, include_version=True))


EICAR_DOCX = files.packed(
    files.docx_members() | {"word/media/a.png": b64decode(rules()["patterns"][0]["base64"])}
)
HOSTILE = {
    "an HTML application as PDF": (b"%PDF-1.7\n<hta:application id=x>", PDF, "upload_known_bad"),
    "a program as PDF": (b"%PDF-1.7\nMZ\x90\0", PDF, "upload_not_judged"),
    "text behind a PDF": (files.pdf() + b"<script>alert(1)</script>", PDF, "upload_not_judged"),
    "a script in a PDF": (files.pdf("<< /S /JavaScript /JS (a) >>"), PDF, "upload_active_content"),
    "macros": (
        files.packed(files.docx_members() | {"word/vbaProject.bin": b"\xd0\xcf"}),
        DOCX,
        "upload_active_content",
    ),
    "a template from elsewhere": (
        files.packed(
            files.docx_members()
            | {
                "word/_rels/document.xml.rels": files.relations(
                    ("attachedTemplate", "https://evil.example/t.dotm", "External")
                )
            }
        ),
        DOCX,
        "upload_external_reference",
    ),
    "EICAR": (EICAR_DOCX, DOCX, "upload_known_bad"),
    "a bomb": (
        files.packed(files.docx_members() | {"word/media/a.bmp": b"\0" * 100_000_000}),
        DOCX,
        "upload_unpacks_too_large",
    ),
}


def put_as(desk, body, media_type, name):
    ticket = desk.reserve(body, media_type=media_type, name=name)["ok"]
    assert desk.put(ticket["url"], body, media_type) == 200
    return ticket


@pytest.mark.parametrize(("body", "media_type", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_quarantined_and_the_refusal_says_where(desk, documents, body, media_type, code):
    ticket = put_as(desk, body, media_type, "ho-so.pdf")
    refused = desk.confirm(ticket["upload_id"])["refused"]
    assert (refused["code"], refused["field"]) == (code, "uploadId")
    assert "{where}" not in refused["message"]["vi"]
    assert tuple(state(documents, ticket["upload_id"])) == ("quarantined", code)
    again = desk.confirm(ticket["upload_id"])["refused"]
    assert again["code"] == "upload_quarantined"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../evil.hta", "evil.docx"),
        ("anh\u202exfdp.exe", "anhxfdp.docx"),
        ("a\r\nSet-Cookie: b.docm", "a Set-Cookie- b.docx"),
    ],
)
def test_the_name_is_kept_without_what_misleads_and_ends_as_the_type(desk, given, kept):
    body = a_docx()
    ticket = desk.reserve(body, name=given)["ok"]
    desk.put(ticket["url"], body)
    assert desk.confirm(ticket["upload_id"])["ok"]["name"] == kept


def test_while_a_file_is_judged_other_calls_are_answered(desk):
    """Judging is a process of its own: the service's one thread goes on, and others overtake it."""
    parts = {f"word/{n}.xml": "<a>" + "<b/>" * 1_200_000 + "</a>" for n in range(3)}
    ticket = put_as(desk, files.packed(files.docx_members() | parts), DOCX, "a.docx")
    asked = {"request_id": uuid4(), "upload_id": ticket["upload_id"]}
    arrived: list[Any] = []
    answered = 0
    desk.rpc.send("documents.confirm_upload", asked, token=desk.drafter)
    judging = eventlet.spawn(lambda: arrived.append(desk.rpc.arrived()))
    while not arrived and answered < 9999:
        desk.rpc.call("documents.list_documents", {}, token=desk.drafter)
        answered += 1
    judging.wait()
    assert arrived[0][1]["ok"]["state"] == "available"
    assert answered >= 5, "a service that waits for the judging answers one at most meanwhile"


@pytest.mark.parametrize("limit", [{"cpu_seconds": 0}, {"memory_mib": 1}])
def test_a_file_that_takes_too_much_to_judge_is_refused(monkeypatch, limit, tmp_path):
    """The limits are the system's, not the reader's own."""
    from kernel.data.judging import asking

    body = files.packed(files.docx_members() | {"word/a.xml": "<a>" + "b" * 40_000_000 + "</a>"})
    monkeypatch.setattr(asking, "ROOT", with_limits(tmp_path, limit))
    path = tmp_path / "file"
    path.write_bytes(body)
    with path.open("rb") as file:
        against = asking.judged(file, DOCX)
    assert against.code == "upload_not_judged"
    assert against.where in ("MemoryError", f"judge {-signal.SIGKILL}", f"judge {-signal.SIGXCPU}")


def with_limits(folder, limit):
    """The judge's own modules with another rule."""
    import shutil

    from kernel.data.judging.rules import HERE

    there = folder / "kernel" / "data" / "judging"
    shutil.copytree(HERE, there)
    shutil.copy(HERE.parent / "media_types.toml", there.parent)
    said = (there / "rules.toml").read_text()
    [(name, value)] = limit.items()
    lines = [f"{name} = {value}" if line.startswith(f"{name} =") else line for line in said.splitlines()]
    (there / "rules.toml").write_text("\n".join(lines))
    return folder


def test_locks_that_run_out_soon_are_extended(desk, documents):
    from kernel.run.process import sweep_once
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
