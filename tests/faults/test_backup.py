"""A backup of a platform at work, restored into an empty place, is a platform that is right and goes on.

EISO_PROOF=1 lets the offices work longer, and has `eiso restore` prove by itself what it restored.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio

from deploy.local import servers, up
from deploy.local.instance import ROOT, Instance
from deploy.local.platform import SERVICES, Platform, load
from deploy.platform import bucket, session_token_keys
from ops.archive import age
from ops.archive.manifest import Opening
from ops.archive.objects import VERSION
from tests.e2e.asking import a_draft
from tests.e2e.conftest import DEPARTMENT, a_client, enter
from tests.faults.conftest import INSTANCE, PROOF
from tests.faults.ledger import nothing_under_way, notified_once, projections_are_whole
from tests.faults.traffic import Accepted, Traffic

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.proof]

ELSEWHERE = "faults-restored"
PASSPHRASE = "một câu chỉ dùng để thử"
ROUNDS = 40 if PROOF else 1


@dataclass(kw_only=True)
class Backup:
    """An archive, and what had been answered as done before the command for it was given."""

    folder: Path
    answer: dict[str, Any]
    passphrase: Path
    key: Path
    before: list[Accepted]
    document: dict[str, Any]


def eiso(*arguments: Any, instance: str = INSTANCE) -> subprocess.CompletedProcess[str]:
    # What makes servers of its own is a command of this machine.
    module = "deploy.local" if arguments[0] == "restore" else "ops"
    command = [sys.executable, "-W", "ignore", "-m", module, *map(str, arguments), "--instance", instance]
    environ = os.environ | {"LANG": "C.UTF-8"}
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=environ
    )


@pytest.fixture(autouse=True)
def _signed_in_and_ready():
    """Nobody dies here: the tokens of the beginning do for all of it."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def backup(platform, traffic, tmp_path_factory):
    """Taken in the middle of work, which does not stop for it."""
    await traffic.sign_in()
    folder = tmp_path_factory.mktemp("backup")
    passphrase = folder / "passphrase"
    passphrase.write_text(PASSPHRASE + "\n")
    made = eiso("backup-key", "make", folder / "private.key", "--json")
    assert eiso("backup-key", "use", json.loads(made.stdout)["public"]).returncode == 0
    for _ in range(ROUNDS):
        await asyncio.gather(*(traffic.some() for _ in range(4 if PROOF else 1)))
    document = await a_draft(traffic.callers["secretary"])
    before = list(traffic.accepted)
    asked = ["backup", folder / "kept", "--passphrase-file", passphrase, "--json"]
    taking = asyncio.create_task(asyncio.to_thread(eiso, *asked))
    while not taking.done():
        await traffic.some()
        await a_draft(traffic.callers["secretary"])
    done = await taking
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert len(traffic.accepted) > len(before), "the offices worked meanwhile"
    return Backup(
        folder=Path(answer["archive"]),
        answer=answer,
        passphrase=passphrase,
        key=folder / "private.key",
        before=before,
        document=document,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def restored(backup):
    """As an operator would: one command, then the platform is started."""
    servers.remove(ELSEWHERE)
    asked = [
        "restore",
        backup.folder,
        "--passphrase-file",
        backup.passphrase,
        "--key-file",
        backup.key,
        "--json",
        "--reason",
        "diễn tập",
    ]
    asked += [] if PROOF else ["--no-proof"]
    done = await asyncio.to_thread(eiso, *asked, instance=ELSEWHERE)
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert set(answer["proofs"].values()) == ({0} if PROOF else set())
    with up.running(ELSEWHERE, demo=None) as platform:
        yield platform, answer
    servers.remove(ELSEWHERE)


async def test_the_archive_is_whole_and_says_what_is_in_it(backup, record_property):
    answer = backup.answer
    assert set(answer["services"]) == set(SERVICES)
    assert answer["objects"] >= 2
    assert answer["faults"] == []
    record_property("megabytes", round(answer["bytes"] / 2**20, 1))
    record_property("objects", answer["objects"])
    record_property("backup", f"{sum(answer['seconds'].values()):.1f} s")


async def test_nothing_of_people_stands_in_the_archive_in_the_clear(platform, backup):
    names = {name for (name,) in sql(platform, "directory", "select distinct full_name from people")}
    hashes = {hash_ for (hash_,) in sql(platform, "directory", "select password_hash from accounts")}
    for path in (path for path in backup.folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert path.name in ("manifest.json", "secrets.sealed") or content.startswith(
            b"age-encryption.org/v1"
        )
        assert not [word for word in names | hashes if word.encode() in content], path
    assert not list(backup.folder.rglob("*.key"))


async def test_what_is_not_whole_or_not_ours_is_refused_and_nothing_is_begun(backup, tmp_path):
    broken = Path(shutil.copytree(backup.folder, tmp_path / "broken"))
    part = broken / "databases/documents.dump.age"
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    key = ["--passphrase-file", backup.passphrase, "--key-file", backup.key]
    flipped = eiso("restore", broken, "--check", *key, instance=ELSEWHERE)
    assert (flipped.returncode, "databases/documents.dump" in flipped.stderr) == (1, True)

    # One who rewrites the manifest too is found out by the list under the seal.
    manifest = json.loads((broken / "manifest.json").read_text())
    for each in manifest["parts"]:
        if each["name"] == "databases/documents.dump.age":
            each["sha256"] = sha256(content).hexdigest()
    (broken / "manifest.json").write_text(json.dumps(manifest))
    rewritten = eiso("restore", broken, *key, instance=ELSEWHERE)
    assert (rewritten.returncode, "databases/documents.dump" in rewritten.stderr) == (1, True)

    manifest = json.loads((backup.folder / "manifest.json").read_text())
    shutil.copytree(backup.folder, tmp_path / "dated")
    dated = manifest | {"taken_at": "2026-01-01T00:00:00Z"}
    (tmp_path / "dated/manifest.json").write_text(json.dumps(dated))
    otherwise = eiso("restore", tmp_path / "dated", *key, instance=ELSEWHERE)
    assert (otherwise.returncode, "manifest.json" in otherwise.stderr) == (1, True)

    wrong = tmp_path / "wrong"
    wrong.write_text("không phải câu ấy đâu\n")
    locked = eiso("restore", backup.folder, "--passphrase-file", wrong, *key[2:], instance=ELSEWHERE)
    assert (locked.returncode, "không mở được" in locked.stderr) == (2, True)

    eiso("backup-key", "make", tmp_path / "other.key")
    only_phrase = key[:2]
    for given, said in (
        ((), "--key-file"),
        (("--key-file", tmp_path / "other.key"), "Khóa này không mở được"),
    ):
        shut = eiso("restore", backup.folder, *only_phrase, *given, instance=ELSEWHERE)
        assert (shut.returncode, said in shut.stderr) == (2, True), shut.stderr
    looked = eiso("restore", backup.folder, "--check", *only_phrase, instance=ELSEWHERE)
    assert looked.returncode == 0, "whoever has no key can still see that it is whole"
    assert not Instance.named(ELSEWHERE).folder.exists()


async def test_nothing_is_restored_over_a_platform_that_holds_something(platform, backup, traffic):
    refused = eiso("restore", backup.folder, "--passphrase-file", backup.passphrase, "--key-file", backup.key)
    assert refused.returncode == 2
    assert "không trống" in refused.stderr
    assert load(platform.instance).passwords == platform.passwords
    await traffic.nonconformity()


async def test_a_restored_platform_lost_nothing_that_was_answered_before(restored, backup):
    platform, _ = restored
    await nothing_under_way(platform)
    for service in {each.service for each in backup.before}:
        ids = [each.request_id for each in backup.before if each.service == service]
        found = sql(platform, service, "select request_id from trail where request_id = any(%s)", ids)
        assert sorted(row[0] for row in found) == sorted(ids), "each left its one row of the trail"
    await asyncio.to_thread(projections_are_whole, platform)
    await asyncio.to_thread(notified_once, platform)


async def test_people_sign_in_and_get_the_same_bytes(platform, restored, backup):
    assert (await opened(platform, backup.document))[0] == (await opened(restored[0], backup.document))[0]


async def test_trail_and_files_are_whole_and_the_trail_says_that_it_was_restored(
    restored, backup, record_property
):
    platform, answer = restored
    for words in (["trail", "verify"], ["scrub", "--grace", "0"]):
        done = await asyncio.to_thread(eiso, *words, instance=ELSEWHERE)
        assert done.returncode == 0, done.stdout + done.stderr
    for service in SERVICES:
        asked = "select reason, after ->> 'archive' from trail where action = %s"
        assert sql(platform, service, asked, f"{service}:restore") == [("diễn tập", backup.answer["id"])]
    for phase, seconds in answer["seconds"].items():
        record_property(phase, f"{seconds:.1f} s")


async def test_objects_keep_their_version_ids_and_their_locks(platform, restored, backup):
    there, here = bucket.client(platform), bucket.client(restored[0])
    archive, packed = Opening(folder=backup.folder, identities=age.identities_in(backup.key)), []
    for index in backup.folder.glob("objects/*.index.age"):
        with archive.part(f"objects/{index.name.removesuffix('.age')}") as lines:
            packed += map(json.loads, lines)
    assert len(packed) == backup.answer["objects"]
    assert any(each["locked_until"] for each in packed), "the issued procedure's file is locked"
    for key, version in ((each["key"], each["version_id"]) for each in packed):
        was, now = (c.stat_object(platform.s3_bucket, key, version_id=version) for c in (there, here))
        for name in ("Content-Type", "x-amz-object-lock-mode", "ETag"):
            assert now.metadata.get(name) == was.metadata.get(name), key
        until = "x-amz-object-lock-retain-until-date"
        assert (now.metadata.get(until) or "")[:19] == (was.metadata.get(until) or "")[:19]


async def test_the_application_may_name_no_version_once_the_restore_is_over(restored):
    store = bucket.client(restored[0])
    query = {VERSION: "mine"}
    done = store._execute("PUT", restored[0].s3_bucket, "doctor/named", body=b"x", query_params=query)
    assert done.headers["x-amz-version-id"] != "mine"


async def test_keys_of_sessions_are_the_old_ones_and_passwords_of_servers_are_not(platform, restored):
    here = restored[0]
    keys = session_token_keys.private_file
    assert keys(here.instance.keys).read_bytes() == keys(platform.instance.keys).read_bytes()
    assert oct(keys(here.instance.keys).stat().st_mode)[-3:] == "600"
    same = {name for name, word in here.passwords.items() if platform.passwords[name] == word}
    assert same == {"bootstrap_admin", "demo_accounts"}


async def test_work_goes_on_there_and_operators_find_no_difference(restored, traffic):
    platform, _ = restored
    async with a_client(platform) as http:
        work = Traffic(platform, http, document=traffic.document)
        await work.sign_in()
        await work.some()
        await nothing_under_way(platform)
    done = await asyncio.to_thread(eiso, "reconcile", instance=ELSEWHERE)
    assert done.returncode == 0, done.stdout


async def test_a_restore_that_broke_off_is_never_started(restored):
    half = Instance.named("faults-half")
    half.make()
    half.half_restored.touch()
    try:
        with pytest.raises(up.HalfRestored), up.running(half.name, demo=None):
            pass
    finally:
        servers.remove(half.name)


def sql(platform: Platform, service: str, statement: str, *facts: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(platform.admin_url_of(service)) as database:
        return database.execute(statement, facts).fetchall()


async def opened(platform: Platform, document: dict[str, Any]) -> tuple[bytes, str]:
    """The file of the document's draft, as its author downloads it."""
    asked = "query($id: UUID!) { document(id: $id) { revisions { download { url sha256 } } } }"
    async with a_client(platform) as http:
        author = await enter(platform, http, DEPARTMENT, "secretary")
        [revision] = (await author.ask(asked, id=document["id"]))["document"]["revisions"]
        link = revision["download"]
    async with httpx.AsyncClient() as anybody:
        content = (await anybody.get(link["url"])).raise_for_status().content
    assert sha256(content).hexdigest() == link["sha256"]
    return content, link["sha256"]
