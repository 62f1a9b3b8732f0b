"""Nothing of an instance is open to others on the machine, and no log holds what opens something."""

import io
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest

from deploy.local import ceph, machine, private, servers
from deploy.local.account import servers_folder
from deploy.local.instance import ROOT
from deploy.local.platform import OWN_STORE_USERS, STORE_USERS, load
from deploy.platform import bucket, databases
from kernel.data.links import Signer

PERSON = "nguyen.van.bi.mat@example.vn"
SECRET = "mot-mat-khau-rieng-cua-bai-thu"


def mode(path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture(scope="module")
def fresh():
    """An instance of its own, made from nothing."""
    servers.remove("private")
    yield servers.ensure("private")
    servers.remove("private")


def test_what_was_made_is_closed_to_others(fresh):
    ours = servers_folder(fresh.instance)
    assert list(private.too_open(fresh.instance)) == []
    assert (mode(fresh.instance.folder), mode(ours)) == (0o711, 0o711)
    for name in ("ceph", "ceph/keys/client.admin.keyring", "ceph/osd/block", "postgres/data"):
        assert not mode(ours / name) & 0o077, name


def test_what_is_open_is_found_by_the_doctor_and_closed_at_the_next_start(fresh):
    ours = servers_folder(fresh.instance)
    opened = [ours / "ceph/keys/client.admin.keyring", fresh.instance.platform_file]
    (ours / "ceph").chmod(0o755)
    (ours / "ceph/keys").chmod(0o755)
    fresh.instance.folder.chmod(0o777)
    for path in opened:
        path.chmod(0o644)
    found = {each.code: each for each in machine.findings(fresh.instance)}
    assert found["ops_files_open"].facts["count"] == "5"
    assert str(fresh.instance.folder) in found["ops_files_open"].facts["first"]
    servers.ensure("private")
    assert "ops_files_closed" in {each.code for each in machine.findings(fresh.instance)}
    assert mode(fresh.instance.folder) == 0o711
    assert all(mode(path) == 0o600 for path in opened)


def logs(platform) -> str:
    return "\n".join(path.read_text(errors="replace") for path in platform.instance.logs.iterdir())


def test_no_log_holds_a_signature_a_password_or_a_persons_data(fresh):
    access, secret = fresh.store_keys("links")
    signer = Signer(endpoint=fresh.s3_endpoint, access=access, secret=secret)
    body = b"x"
    headers = {"Content-Type": "text/plain", "Content-Length": "1"}
    put = signer.put(f"/{fresh.s3_intake_bucket}/a", headers, datetime.now(UTC), 60)
    assert httpx.put(put, content=body, headers={"Content-Type": "text/plain"}).status_code == 200
    assert httpx.put(f"{put}0", content=body, headers={"Content-Type": "text/plain"}).status_code == 403
    owner = bucket.client(fresh)
    owner.put_object(fresh.s3_bucket, "b", io.BytesIO(b"x"), 1)
    get = owner.presigned_get_object(fresh.s3_bucket, "b", expires=timedelta(minutes=1))
    assert httpx.get(get).status_code == 200
    signatures = [parse_qs(urlsplit(url).query)["X-Amz-Signature"][0] for url in (put, get)]

    with psycopg.connect(fresh.postgres_url("documents_app", "documents"), autocommit=True) as app:
        app.execute("select pg_sleep(1.2), %s::text", [PERSON])
        with pytest.raises(psycopg.Error):
            app.execute("select %s::text, 1 / 0", [PERSON])
    with psycopg.connect(fresh.postgres_admin_url, autocommit=True) as admin:
        admin.execute("create table people (mail text primary key check (mail not like '%%bi.mat.nguyen%%'))")
        admin.execute("insert into people values (%s)", [PERSON])
        for mail in (PERSON, "bi.mat.nguyen@example.vn"):
            with pytest.raises(psycopg.IntegrityError):
                admin.execute("insert into people values (%s)", [mail])
        admin.execute("set log_min_duration_statement = 0")
        databases._make_role(admin, "ops", SECRET, True)
        databases._make_role(admin, "ops", fresh.passwords["postgres_ops"], True)
    written = logs(fresh)
    assert "pg_sleep" in written, "the statement itself is there, for whoever looks for what is slow"
    secrets = [*signatures, PERSON, "bi.mat.nguyen", SECRET, *fresh.passwords.values()]
    assert [each for each in secrets if each in written] == []


def test_the_servers_of_others_keep_our_data_out_of_their_logs_too(fresh):
    with psycopg.connect(fresh.postgres_admin_url) as admin:
        for role in ("ops", "documents_app", "documents_owner"):
            row = admin.execute("select rolconfig from pg_roles where rolname = %s", [role]).fetchone()
            assert {f"{name}={value}" for name, value in databases.SILENT.items()} <= set(row[0]), role


def test_users_of_the_store_are_made_again_where_they_are_missing(fresh):
    """As in a platform of the release before: no users, no intake, no policies."""
    folder = servers_folder(fresh.instance) / "ceph"
    tool = ["radosgw-admin", "-n", "client.rgw", "user", "rm", "--uid=eiso-documents"]
    ceph._tool(folder, *tool)
    (folder / "users.json").unlink()
    owner = bucket.client(fresh)
    owner.delete_bucket_policy(fresh.s3_bucket)
    for each in owner.list_objects(fresh.s3_intake_bucket, include_version=True, recursive=True):
        owner.remove_object(fresh.s3_intake_bucket, each.object_name, version_id=each.version_id)
    owner.remove_bucket(fresh.s3_intake_bucket)
    servers.ensure("private")
    store = bucket.client(fresh, "documents")
    assert list(store.list_objects(fresh.s3_intake_bucket)) == []
    assert bucket.client(fresh).get_bucket_versioning(fresh.s3_intake_bucket).status == "Enabled"


def store_command(**environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.local", "store", "--instance", "private"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | environ
    )


def test_the_command_makes_what_is_missing(fresh):
    owner = bucket.client(fresh)
    owner.delete_bucket_policy(fresh.s3_bucket)
    done = store_command()
    assert done.returncode == 0, done.stdout + done.stderr
    assert owner.get_bucket_policy(fresh.s3_bucket)


def test_on_a_store_of_others_the_command_leaves_a_file_that_makes_the_users(fresh):
    host = fresh.s3_endpoint.removeprefix("http://")
    url = f"http://{fresh.s3_access_key}:{fresh.s3_secret_key}@{host}/theirs"
    before = load(fresh.instance, {"EISO_S3_URL": url})
    assert before.store_keys("documents") == (fresh.s3_access_key, fresh.s3_secret_key), "as until now"
    done = store_command(EISO_S3_URL=url)
    assert done.returncode == 0, done.stdout + done.stderr
    commands = fresh.instance.folder / "store-users.sh"
    assert mode(commands) == 0o600
    said = commands.read_text()
    assert said.count("user create") == len(STORE_USERS)
    after = load(fresh.instance, {"EISO_S3_URL": url, OWN_STORE_USERS: "1"})
    assert all(key in said for user in STORE_USERS for key in after.store_keys(user))
    # These very users are on this Ceph already: with them the new buckets are used.
    assert list(bucket.client(after, "documents").list_objects("theirs-intake")) == []
    assert bucket.client(after).get_object_lock_config("theirs") is not None
    refused = store_command(EISO_S3_URL=url.replace(fresh.s3_secret_key, "wrong"))
    assert refused.returncode == 1
    assert "EISO_S3_URL" in refused.stderr
    servers.ensure("private")
