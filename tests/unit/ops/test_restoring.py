"""A restore begins only where nothing is, trusts nothing that is under no seal, and says how far it came."""

import argparse
import json
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from deploy.local import restore
from deploy.local.account import account
from deploy.local.instance import Instance
from deploy.local.process import DidNotStart
from kernel.base import wire
from ops import backup
from ops.archive import databases, manifest, sealing
from ops.archive.belongings import Belongings
from ops.archive.manifest import Kept, Manifest, Opening
from ops.archive.unusable import Broken, Unusable
from ops.restore import verified

MOMENT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PASSPHRASE = "một câu đủ dài để nhớ"


@pytest.fixture
def archive(tmp_path):
    """A whole one of a single part, with what is sealed."""
    partial = tmp_path / ".run.partial"
    partial.mkdir()
    found = Manifest(
        id=uuid4(),
        instance="run",
        release="abc",
        taken_at=MOMENT,
        finished_at=MOMENT,
        services={name: Kept(head="0001", log_head=3, sealed=7, size=100) for name in databases.SERVICES},
        objects=2,
        object_bytes=1000,
        faults=0,
        parts=[manifest.put(partial, "databases/cases.dump", b"rows")],
        seconds={"databases": 0.1},
    )
    parts = {part.name: part.sha256 for part in found.parts}
    kept = Belongings(files={}, passwords={}, parts=parts, facts=found.facts_hash)
    sealed = sealing.seal(wire.encode(kept), PASSPHRASE, found.id)
    found.parts.append(manifest.put(partial, manifest.SECRETS, sealed))
    manifest.finish(partial, found, tmp_path / "archive")
    return tmp_path / "archive"


@pytest.fixture
def instance(tmp_path, monkeypatch):
    """One of nobody's, whose servers would be private ones."""
    for name in ("EISO_POSTGRES_URL", "EISO_S3_URL", "EISO_AMQP_URL"):
        monkeypatch.delenv(name, raising=False)
    mine = Instance(name="drill", folder=tmp_path / "drill")
    monkeypatch.setattr(Instance, "named", classmethod(lambda _cls, _name: mine))
    monkeypatch.setattr(restore, "servers_folder", lambda _: tmp_path)
    return mine


@pytest.fixture
def asked(archive, tmp_path):
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    parser = argparse.ArgumentParser()
    parser.set_defaults(instance="drill", json=True)
    restore.arguments(parser)
    return parser.parse_args([str(archive), "--passphrase-file", str(tmp_path / "passphrase")])


@pytest.fixture
def put_back(monkeypatch):
    """That the putting back itself was reached; it takes servers, and has its own proof in tests/faults."""
    reached = []
    monkeypatch.setattr(restore, "_put_back", lambda *_: reached.append("put back"))
    return reached


def test_nothing_of_the_manifest_can_be_changed_without_the_passphrase(archive):
    def rewritten(**changes):
        said = json.loads((archive / manifest.NAME).read_bytes())
        return manifest.load(Manifest, json.dumps(said | changes).encode(), manifest.NAME)

    verified(Opening(folder=archive), rewritten(), PASSPHRASE)
    services = json.loads((archive / manifest.NAME).read_bytes())["services"]
    services["cases"]["size"] = 1
    for changes in (
        {"taken_at": "2026-11-21T02:00:00Z"},
        {"instance": "other"},
        {"release": "other"},
        {"object_bytes": 1},
        {"services": services},
        {"recipients": ["age1somebody"]},
        {"format": 2},
    ):
        with pytest.raises(Broken) as refused:
            verified(Opening(folder=archive), rewritten(**changes), PASSPHRASE)
        assert refused.value.facts["part"] == manifest.NAME, changes


def test_an_instance_that_was_filled_while_the_archive_was_read_is_left_alone(
    instance, asked, put_back, monkeypatch
):
    def meanwhile(*_):
        instance.make()
        instance.platform_file.write_text("{}")

    monkeypatch.setattr(restore, "checked", meanwhile)
    with pytest.raises(Unusable) as refused:
        restore._carry_out(asked)
    assert refused.value.code == "restore_not_empty"
    assert (put_back, instance.half_restored.exists()) == ([], False)


def test_one_that_another_restore_left_half_done_meanwhile_is_left_alone(
    instance, asked, put_back, monkeypatch
):
    def meanwhile(*_):
        instance.make()
        instance.half_restored.touch()

    monkeypatch.setattr(restore, "checked", meanwhile)
    with pytest.raises(Unusable) as refused:
        restore._carry_out(asked)
    assert (refused.value.code, put_back) == ("deploy_half_restored", [])


def test_a_lock_and_empty_folders_are_nothing_that_a_restore_could_spoil(
    instance, asked, put_back, monkeypatch
):
    monkeypatch.setattr(restore, "_prove", lambda *_: None)
    instance.make()
    (instance.folder / "keeper").touch()
    restore._carry_out(asked)
    assert put_back == ["put back"]


@pytest.mark.parametrize(
    ("environ", "needed"),
    [
        ({}, 1500),
        ({"EISO_S3_URL": "s3://a:b@localhost:9/c"}, 500),
        ({"EISO_POSTGRES_URL": "postgresql://a:b@localhost:9/c"}, 1000),
    ],
)
def test_room_is_asked_for_where_the_private_servers_keep_their_data(
    instance, archive, tmp_path, monkeypatch, environ, needed
):
    asked_for = []
    monkeypatch.setattr(restore, "check_free", lambda *what: asked_for.append(what))
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    restore._must_fit(instance, manifest.read(archive))
    assert asked_for == [(tmp_path, needed)]


def test_a_platform_that_does_not_start_for_the_proof_is_not_half_done(
    instance, asked, put_back, monkeypatch, capsys
):
    @contextmanager
    def running(*_, **__):
        raise DidNotStart("cổng đã bị chiếm")
        yield

    monkeypatch.setattr(restore.up, "running", running)
    assert restore.run(asked) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["proofs"] == {"start": 2}
    assert "cổng đã bị chiếm" in said.err
    assert "Không xóa, không khôi phục lại" in said.err


def test_a_tool_that_takes_too_long_is_named_without_the_passwords_it_was_given(
    instance, asked, monkeypatch, capsys
):
    def slow(*_):
        words = ["radosgw-admin", "-n", "client.rgw", "user", "create", "--secret-key", "s"]
        raise subprocess.TimeoutExpired([*account().prefix, *words], 120)

    monkeypatch.setattr(restore, "_put_back", slow)
    assert restore.run(asked) == 2
    said = capsys.readouterr().err
    assert "radosgw-admin -n client.rgw user: > 120 s" in said
    assert "secret" not in said


def test_a_disk_that_is_too_small_is_named_and_leaves_no_mark(instance, asked, put_back, monkeypatch):
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda _: argparse.Namespace(free=10))
    with pytest.raises(Unusable) as refused:
        restore._carry_out(asked)
    assert (refused.value.code, put_back) == ("archive_disk", [])
    assert not restore._holds_files(instance.folder)
