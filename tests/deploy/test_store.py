"""On the real object store: locks are honoured, versions kept, strangers and other origins refused."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from minio.commonconfig import GOVERNANCE
from minio.error import S3Error
from minio.retention import Retention

from deploy.platform import bucket


@pytest.fixture
def store(platform):
    return bucket.client(platform)


def test_a_locked_version_cannot_be_deleted(platform, store):
    until = datetime.now(UTC) + timedelta(minutes=1)
    name = f"canary/{uuid4()}"
    lock = Retention(GOVERNANCE, until)
    kept = store.put_object(platform.s3_bucket, name, io.BytesIO(b"x"), 1, retention=lock)
    with pytest.raises(S3Error, match="AccessDenied"):
        store.remove_object(platform.s3_bucket, name, version_id=kept.version_id)
    store.remove_object(platform.s3_bucket, name)  # hides it, deletes nothing
    read = store.get_object(platform.s3_bucket, name, version_id=kept.version_id)
    assert read.read() == b"x"


def test_a_name_written_twice_keeps_both(platform, store):
    name = f"versions/{uuid4()}"
    first, second = (
        store.put_object(platform.s3_bucket, name, io.BytesIO(content), 1) for content in (b"1", b"2")
    )
    read = [
        store.get_object(platform.s3_bucket, name, version_id=v.version_id).read() for v in (first, second)
    ]
    assert read == [b"1", b"2"]


def test_a_wrong_secret_and_no_secret_are_refused(platform):
    stranger = replace(platform, passwords={**platform.passwords, "s3_secret_key": "wrong"})
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        list(bucket.client(stranger).list_objects(platform.s3_bucket))
    assert httpx.get(f"{platform.s3_endpoint}/{platform.s3_bucket}").status_code == 403


@pytest.mark.parametrize(("origin", "allowed"), [("own", True), ("https://elsewhere.example", False)])
def test_a_browser_may_put_from_the_gateways_pages_only(platform, origin, allowed):
    asked = {
        "Origin": platform.gateway_url if origin == "own" else origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,content-md5",
    }
    answer = httpx.options(f"{platform.s3_endpoint}/{platform.s3_bucket}/a", headers=asked)
    assert ("access-control-allow-origin" in answer.headers) == allowed


def test_preparing_a_bucket_again_changes_nothing(platform, store):
    bucket.prepare(platform)
    assert store.get_bucket_versioning(platform.s3_bucket).status == "Enabled"
    assert store.get_object_lock_config(platform.s3_bucket) is not None
