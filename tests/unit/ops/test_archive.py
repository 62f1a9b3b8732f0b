"""An archive is whole or refused: nobody restores from half of one, or from one that somebody changed."""

import fcntl
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from graphlib import CycleError
from unicodedata import normalize
from uuid import uuid4

import pytest

from contracts.base import source_of
from kernel.data.store import Placed
from ops import backup, queues
from ops.archive import databases, manifest, objects, sealing
from ops.archive.manifest import Kept, Manifest
from ops.archive.unusable import Broken, Unusable

MOMENT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PASSPHRASE = "một câu đủ dài để nhớ"


def a_manifest(parts, **changes):
    given = {
        "id": uuid4(),
        "instance": "run",
        "release": "abc",
        "taken_at": MOMENT,
        "finished_at": MOMENT,
        "services": {"directory": Kept(head="0001", log_head=3, sealed=7, size=100)},
        "objects": 0,
        "object_bytes": 0,
        "faults": 0,
    }
    return Manifest(**given | changes, parts=parts)


@pytest.fixture
def archive(tmp_path):
    """A finished archive of two parts."""
    partial = tmp_path / ".run.partial"
    partial.mkdir()
    names = ("databases/directory.dump", "objects/000001.pack")
    parts = [manifest.put(partial, name, name.encode() * 1000) for name in names]
    manifest.finish(partial, a_manifest(parts), tmp_path / "run")
    return tmp_path / "run"


def read_through(archive):
    found = manifest.read(archive)
    read = []
    manifest.verify(archive, found, read.append)
    assert sum(read) == found.bytes
    return found


def test_a_finished_archive_says_what_was_written(archive):
    found = read_through(archive)
    assert found.services["directory"].log_head == 3
    assert found.taken_at == MOMENT
    assert not (archive.parent / ".run.partial").exists()
    assert {oct(path.stat().st_mode)[-3:] for path in archive.rglob("*") if path.is_file()} == {"600"}


@pytest.mark.parametrize("part", ["databases/directory.dump", "objects/000001.pack"])
def test_one_changed_byte_anywhere_is_found(archive, part):
    content = bytearray((archive / part).read_bytes())
    content[len(content) // 2] ^= 1
    (archive / part).write_bytes(content)
    with pytest.raises(Broken) as refused:
        read_through(archive)
    assert (refused.value.code, refused.value.facts["part"]) == ("archive_part_changed", part)


def test_a_part_that_is_not_there_is_named(archive):
    (archive / "objects/000001.pack").unlink()
    with pytest.raises(Broken) as refused:
        read_through(archive)
    assert (refused.value.code, refused.value.facts["part"]) == (
        "archive_part_missing",
        "objects/000001.pack",
    )


def test_a_size_that_is_not_the_files_is_found(archive):
    found = manifest.read(archive)
    found.parts[0] = replace(found.parts[0], size=found.parts[0].size + 1)
    with pytest.raises(Broken):
        manifest.verify(archive, found, int)


def test_a_folder_without_a_manifest_is_no_archive(archive):
    (archive / manifest.NAME).unlink()
    with pytest.raises(Unusable) as refused:
        manifest.read(archive)
    assert (refused.value.code, refused.value.exit_code) == ("archive_none", 2)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"format": 2}', b'{"format": 2, "id": 3', b"\xff"])
def test_a_manifest_that_is_none_is_refused(archive, body):
    (archive / manifest.NAME).write_bytes(body)
    with pytest.raises(Broken) as refused:
        manifest.read(archive)
    assert refused.value.exit_code == 1


def test_an_archive_of_a_newer_format_is_refused_before_anything_else_of_it_is_read(archive):
    (archive / manifest.NAME).write_text(json.dumps({"format": 4, "everything": "else"}))
    with pytest.raises(Unusable) as refused:
        manifest.read(archive)
    assert refused.value.facts == {"found": 4, "known": 3}


def test_a_manifest_cannot_lead_out_of_its_archive(archive):
    found = manifest.read(archive)
    found.parts[0] = manifest.Part(name="../../etc/passwd", size=1, sha256="")
    with pytest.raises(Broken):
        manifest.verify(archive, found, int)


def test_only_the_passphrase_opens_the_secrets_and_only_in_their_own_archive():
    mine, content = uuid4(), "khóa riêng".encode()
    sealed = sealing.seal(content, PASSPHRASE, mine)
    assert content not in sealed
    assert sealing.unseal(sealed, PASSPHRASE, mine) == content
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for bytes_, words, archive in (
        (sealed, PASSPHRASE + ".", mine),
        (sealed, PASSPHRASE, uuid4()),
        (flipped, PASSPHRASE, mine),
    ):
        with pytest.raises(Unusable) as refused:
            sealing.unseal(bytes_, words, archive)
        assert refused.value.code == "archive_passphrase_wrong"
    with pytest.raises(Broken):
        sealing.unseal(sealed[:20], PASSPHRASE, mine)


def test_a_passphrase_is_the_same_however_its_letters_were_composed():
    mine = uuid4()
    sealed = sealing.seal(b"x", normalize("NFD", PASSPHRASE), mine)
    assert sealing.unseal(sealed, normalize("NFC", PASSPHRASE), mine) == b"x"


def test_the_passphrase_is_a_files_first_line_and_long_enough(tmp_path):
    kept = tmp_path / "passphrase"
    kept.write_text(f"{PASSPHRASE}\nkhông phải dòng này\n")
    assert sealing.asked_for(str(kept), twice=True) == PASSPHRASE
    kept.write_text("ngắn\n")
    with pytest.raises(Unusable) as refused:
        sealing.asked_for(str(kept), twice=True)
    assert refused.value.code == "archive_passphrase_short"
    with pytest.raises(Unusable) as refused:
        sealing.asked_for(str(tmp_path / "none"), twice=False)
    assert refused.value.code == "archive_passphrase_unread"


def test_every_consumer_is_looked_at_before_those_it_hears():
    """Or a restored consumer would know of events that its source never had."""
    order = databases.order()
    for topic, readers in queues.readers().items():
        for service, reaction in readers:
            assert order.index(service) < order.index(source_of(topic)), f"{service}.{reaction}"


def test_two_services_that_hear_each_other_have_no_common_moment(monkeypatch):
    hears = {"cases.dossier_received.v1": [("audits", "a")], "audits.audit_closed.v1": [("cases", "b")]}
    monkeypatch.setattr(queues, "readers", lambda: hears)
    with pytest.raises(CycleError):
        databases.order()


def test_a_database_of_a_newer_release_is_refused_and_an_older_one_is_not():
    known = {name: Kept(head="0001", log_head=0, sealed=0, size=0) for name in databases.SERVICES}
    databases.check_heads(known)
    newer = known | {"cases": Kept(head="9999", log_head=0, sealed=0, size=0)}
    with pytest.raises(Unusable) as refused:
        databases.check_heads(newer)
    assert (refused.value.code, refused.value.facts["service"]) == ("archive_newer", "cases")
    del known["cases"]
    with pytest.raises(Unusable) as refused:
        databases.check_heads(known)
    assert refused.value.facts == {"services": "cases"}


def placed(key, version="1", minutes=-1):
    return Placed(key=key, version_id=version, size=1, placed_at=MOMENT + timedelta(minutes=minutes))


def test_what_is_nobodys_and_younger_than_the_cut_stays_out_and_so_do_canaries():
    anchor, file, awaited = "trail-anchors/cases/2026-11-22.json", "a/2026/11/x", "a/2026/11/y"
    rows = {file: [{"version_id": "1"}, {"version_id": "late"}], awaited: [{"version_id": None}]}
    groups = [
        # A store whose clock is ahead: what a row relies on is taken whatever the store says of its age.
        (file, rows[file], [placed(file, "3", 1), placed(file, "late", 1), placed(file)]),
        (awaited, rows[awaited], [placed(awaited, "5", 1)]),
        ("a/2026/11/z", [], [placed("a/2026/11/z", "7", 1)]),
        ("a/2026/11/old", [], [placed("a/2026/11/old", "8")]),
        ("doctor/y", [], [placed("doctor/y")]),
        (anchor, [], [placed(anchor, "after", 1), placed(anchor, "before")]),
    ]
    kept = list(objects.worth_keeping(groups, {(anchor, "before")}, MOMENT))
    versions = {key: [each.version_id for each in there] for key, _, there in kept}
    assert versions == {
        file: ["late", "1"],
        awaited: ["5"],
        "a/2026/11/z": [],
        "a/2026/11/old": ["8"],
        anchor: ["before"],
    }


def test_what_a_killed_backup_left_is_removed_and_one_at_work_is_not(tmp_path):
    left, at_work = tmp_path / ".run-1.partial", tmp_path / ".run-2.partial"
    for folder in (left, at_work):
        folder.mkdir()
        (folder / "lock").touch()
        os.utime(folder, (0, 0))
    with (at_work / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with backup._partial(tmp_path, "run-3", "run") as partial:
            assert partial.exists()
    assert not left.exists()
    assert at_work.exists()


def test_one_that_begins_or_ends_has_no_lock_and_is_not_removed(tmp_path):
    at_work = tmp_path / ".run-2.partial"
    at_work.mkdir()
    with backup._partial(tmp_path, "run-3", "run"):
        assert list(at_work.iterdir()) == []


def test_a_backup_that_fails_leaves_nothing_behind(tmp_path):
    with pytest.raises(OSError, match="đĩa đầy"), backup._partial(tmp_path, "run-1", "run"):
        raise OSError("đĩa đầy")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_too_small_is_said_beforehand(tmp_path):
    with pytest.raises(Unusable) as refused:
        backup.check_free(tmp_path, 2**60)
    assert refused.value.code == "archive_disk"


TALKS = "import sys; sys.stderr.write('x' * 1_000_000); sys.stderr.flush(); print('rows'); sys.exit({code})"


def test_a_dump_that_says_more_than_a_pipe_holds_goes_on(tmp_path, monkeypatch):
    def tool(code):
        return lambda *_: ([sys.executable, "-c", TALKS.format(code=code)], dict(os.environ))

    monkeypatch.setattr(databases, "_tool", tool(0))
    assert databases.dump(None, "cases", "1", tmp_path).size == len("rows\n")
    monkeypatch.setattr(databases, "_tool", tool(1))
    with pytest.raises(Unusable) as refused:
        databases.dump(None, "audits", "1", tmp_path)
    assert refused.value.facts == {"service": "audits", "what": "x" * 600}


def test_what_is_no_snapshot_is_refused_and_never_reaches_a_statement():
    """In a process of its own: that module patches the standard library."""
    asked = "from kernel.upkeep.__main__ import _look_as_of; _look_as_of(None, \"1-1'; drop table trail; '\")"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "kernel.base.errors.Invalid: wrong_form" in done.stderr
