"""Every user of the store may do what is written for it, and each other thing is tried and refused."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from minio.commonconfig import GOVERNANCE, REPLACE, CopySource, Tags
from minio.error import S3Error
from minio.retention import Retention

from deploy.local.platform import SERVICES, STORE_USERS
from deploy.platform import bucket
from kernel.data.links import Signer

BODY = b"%PDF-1.7 of 14"
TYPE = "application/pdf"
MINE = {name: f"trail-anchors/{name}/2020-01-01.json" for name in SERVICES}


@dataclass
class Place:
    """An object that the owner put, to be tried on."""

    bucket: str
    key: str
    version: str


@pytest.fixture(scope="module")
def places(platform):
    """One object of each kind: an uploaded file, a minute, each service's anchor, something that arrived."""
    owner, uid = bucket.client(platform), uuid4()
    keys = {"file": f"{uid}/2026/11/{uid}", "minute": f"minutes/{uid}.pdf", "strange": f"else/{uid}"}
    keys |= {f"anchor of {name}": f"trail-anchors/{name}/{uid}.json" for name in SERVICES}
    made = {}
    for what, key in keys.items():
        put = owner.put_object(platform.s3_bucket, key, io.BytesIO(BODY), len(BODY))
        made[what] = Place(platform.s3_bucket, key, put.version_id)
    put = owner.put_object(platform.s3_intake_bucket, keys["file"], io.BytesIO(BODY), len(BODY))
    return made | {"arrived": Place(platform.s3_intake_bucket, keys["file"], put.version_id)}


ACTS = {
    "read": lambda s, p: s.get_object(p.bucket, p.key).read(),
    "read version": lambda s, p: s.get_object(p.bucket, p.key, version_id=p.version).read(),
    "read lock": lambda s, p: s._execute(
        "GET", p.bucket, p.key, query_params={"retention": "", "versionId": p.version}
    ),
    "put": lambda s, p: s.put_object(p.bucket, p.key, io.BytesIO(BODY), len(BODY)),
    "list": lambda s, p: list(s.list_objects(p.bucket, prefix=p.key)),
    "list versions": lambda s, p: list(s.list_objects(p.bucket, prefix=p.key, include_version=True)),
    "list all": lambda s, p: list(s.list_objects(p.bucket)),
    "hide": lambda s, p: s.remove_object(p.bucket, p.key),
    "lock": lambda s, p: s.set_object_retention(p.bucket, p.key, soon(), version_id=p.version),
    "tag": lambda s, p: s.set_object_tags(p.bucket, p.key, tags()),
    "open to all": lambda s, p: s._execute(
        "PUT", p.bucket, p.key, headers={"x-amz-acl": "public-read"}, query_params={"acl": ""}
    ),
    "remove version": lambda s, p: s.remove_object(p.bucket, p.key, version_id=p.version),
    "read policy": lambda s, p: s.get_bucket_policy(p.bucket),
    "write policy": lambda s, p: s.set_bucket_policy(p.bucket, "{}"),
    "remove policy": lambda s, p: s.delete_bucket_policy(p.bucket),
    "stop versions": lambda s, p: s.delete_object_lock_config(p.bucket),
    "make a bucket": lambda s, p: s.make_bucket(f"mine-{uuid4().hex[:8]}"),
    "remove the bucket": lambda s, p: s.remove_bucket(p.bucket),
}
READ = {"read", "read version", "read lock", "list", "list versions"}
ALL_READ = {*READ, "list all"}
ALLOWED = {
    **{(name, f"anchor of {name}"): {"put", "list", "list versions"} for name in SERVICES},
    ("documents", "file"): {*READ, "put"},
    ("documents", "arrived"): {*ALL_READ, "remove version"} - {"read lock"},
    ("audits", "minute"): {*READ, "put"},
    ("locks", "file"): {"lock"},
    ("links", "arrived"): {"put"},
    **{("ops", what): ALL_READ for what in ("file", "minute", "strange")},
    **{("ops", f"anchor of {name}"): ALL_READ for name in SERVICES},
}
"""Written by hand, not taken from `store_rights.py`. Nobody deletes a version of what stays, ever."""


def tags() -> Tags:
    made = Tags.new_object_tags()
    made["a"] = "b"
    return made


def soon() -> Retention:
    return Retention(GOVERNANCE, datetime.now(UTC) + timedelta(seconds=2))


def tried(store, place: Place) -> set[str]:
    """What this user may do with this object; a refusal for any other reason is raised."""
    may = set()
    for act, done in ACTS.items():
        try:
            done(store, place)
            may.add(act)
        except S3Error as refused:
            # The intake knows no locks, and users none of their own buckets; every user tries.
            if refused.code == "ObjectLockConfigurationNotFoundError":
                may.add(act)
            elif refused.code not in ("AccessDenied", "TooManyBuckets", "InvalidRequest"):
                raise
    return may


@pytest.mark.parametrize("user", STORE_USERS)
def test_a_user_of_the_store_may_do_what_is_written_and_nothing_else(platform, places, user):
    store = bucket.client(platform, user)
    found = {what: tried(store, place) for what, place in places.items()}
    assert found == {what: ALLOWED.get((user, what), set()) for what in places}


@pytest.mark.parametrize(("user", "what"), [pair for pair, may in ALLOWED.items() if "put" in may])
def test_who_put_an_object_may_do_no_more_with_it_than_with_others(platform, places, user, what):
    """By S3's rule an object belongs to its sender, who could open it to everybody."""
    store, place = bucket.client(platform, user), places[what]
    put = store.put_object(place.bucket, place.key, io.BytesIO(BODY), len(BODY))
    assert tried(store, Place(place.bucket, place.key, put.version_id)) == ALLOWED[user, what]


def test_nobody_but_the_owner_undoes_a_lock_or_removes_what_stays(platform, places):
    owner = bucket.client(platform)
    key = f"{uuid4()}/2026/11/{uuid4()}"
    lock = Retention(GOVERNANCE, datetime.now(UTC) + timedelta(minutes=1))
    put = owner.put_object(platform.s3_bucket, key, io.BytesIO(b"x"), 1, retention=lock)
    for user in STORE_USERS:
        store = bucket.client(platform, user)
        with pytest.raises(S3Error, match="AccessDenied"):
            store.remove_object(platform.s3_bucket, key, version_id=put.version_id)
        about = {"headers": {"x-amz-bypass-governance-retention": "true"}}
        about["query_params"] = {"versionId": put.version_id}
        with pytest.raises(S3Error, match="AccessDenied"):
            store._execute("DELETE", platform.s3_bucket, key, **about)
        with pytest.raises(S3Error, match="AccessDenied"):
            store.set_object_retention(platform.s3_bucket, key, soon(), version_id=put.version_id)


@pytest.mark.parametrize("user", ["documents", "audits"])
def test_a_service_copies_no_foreign_anchor_to_where_it_can_read(platform, places, user):
    theirs = places["anchor of cases"]
    source = CopySource(theirs.bucket, theirs.key)
    target = {"documents": f"{uuid4()}/2026/11/x", "audits": f"minutes/{uuid4()}.pdf"}[user]
    store = bucket.client(platform, user)
    with pytest.raises(S3Error, match="AccessDenied"):
        store.copy_object(platform.s3_bucket, target, source, metadata={}, metadata_directive=REPLACE)


# -- a link to upload with, in hostile hands --------------------------------------------------------


@pytest.fixture
def link(platform):
    """`link()`: a link to put 14 bytes of PDF, as documents hands it out; and where its object lies."""
    access, secret = platform.store_keys("links")
    signer = Signer(endpoint=platform.s3_endpoint, access=access, secret=secret)

    def made(size: int = len(BODY)) -> tuple[str, str]:
        path = f"/{platform.s3_intake_bucket}/{uuid4()}/2026/11/{uuid4()}"
        headers = {"Content-Type": TYPE, "Content-Length": str(size)}
        return signer.put(path, headers, datetime.now(UTC), 60), f"{platform.s3_endpoint}{path}"

    return made


def put(url: str, content=BODY, media_type: str = TYPE, **headers: str) -> int:
    given = {"Content-Type": media_type, **{name.replace("_", "-"): said for name, said in headers.items()}}
    return httpx.put(url, content=content, headers=given).status_code


ALL = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
PUBLIC = {
    **{f"acl {said}": {"x_amz_acl": said} for said in ("public-read", "public-read-write", "private")},
    "acl for signed-in": {"x_amz_acl": "authenticated-read"},
    **{
        f"grant {what}": {f"x_amz_grant_{what}": ALL}
        for what in ("read", "write", "read_acp", "write_acp", "full_control")
    },
}
LOCKING = {
    "compliance": {
        "x_amz_object_lock_mode": "COMPLIANCE",
        "x_amz_object_lock_retain_until_date": "2036-01-01T00:00:00Z",
    },
    "governance": {
        "x_amz_object_lock_mode": "GOVERNANCE",
        "x_amz_object_lock_retain_until_date": "2036-01-01T00:00:00Z",
    },
    "legal hold": {"x_amz_object_lock_legal_hold": "ON"},
}
ENCRYPTING = {
    "by the store": {"x_amz_server_side_encryption": "AES256"},
    "by a key of one's own": {
        "x_amz_server_side_encryption_customer_algorithm": "AES256",
        "x_amz_server_side_encryption_customer_key": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "x_amz_server_side_encryption_customer_key_md5": "hRasmdxgYDKV3nvbahU1MA==",
    },
}
REFUSED = {**PUBLIC, **LOCKING, **ENCRYPTING}


def test_a_link_takes_what_it_was_made_for(link):
    url, plain = link()
    assert put(url) == 200
    assert httpx.get(plain).status_code == 403
    assert httpx.get(url).status_code == 403
    assert httpx.delete(url).status_code == 403


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
def test_a_header_that_opens_locks_or_encrypts_is_refused(link, headers):
    url, plain = link()
    assert put(url, **headers) in (400, 403)
    assert httpx.get(plain).status_code == 403


def test_a_link_copies_nothing_from_elsewhere(platform, link, places):
    for place in places.values():
        url, _ = link()
        for source in (
            f"/{place.bucket}/{place.key}",
            f"/{place.bucket}/{place.key}?versionId={place.version}",
        ):
            assert put(url, b"", x_amz_copy_source=source) == 403
            assert put(url, x_amz_copy_source=source) == 403
            assert put(url, x_amz_copy_source=source, x_amz_copy_source_range="bytes=0-1") in (400, 403)


HARMLESS = {
    "tags": {"x_amz_tagging": "a=b"},
    "redirect": {"x_amz_website_redirect_location": "https://evil.example/"},
    "metadata": {"x_amz_meta_a": "b"},
    "encoding": {"Content_Encoding": "gzip"},
    "disposition": {"Content_Disposition": "inline; filename=x.hta"},
    "cache": {"Cache_Control": "public"},
    "expiry": {"x_delete_after": "1"},
    "bypass": {"x_amz_bypass_governance_retention": "true"},
    "method": {"X_HTTP_Method_Override": "DELETE"},
}


@pytest.mark.parametrize("headers", HARMLESS.values(), ids=HARMLESS)
def test_a_header_that_only_describes_stays_behind_when_the_file_is_kept(platform, link, headers):
    """The store takes these; what documents keeps is a copy of the bytes under headers of its own."""
    url, plain = link()
    assert put(url, **headers) == 200
    key = plain.partition(f"/{platform.s3_intake_bucket}/")[2]
    store = bucket.client(platform, "documents")
    version = store.stat_object(platform.s3_intake_bucket, key).version_id
    source = CopySource(platform.s3_intake_bucket, key, version_id=version)
    said = {"Content-Type": TYPE}
    kept = store.copy_object(platform.s3_bucket, key, source, metadata=said, metadata_directive=REPLACE)
    found = store.stat_object(platform.s3_bucket, key, version_id=kept.version_id)
    about = {name.lower(): value for name, value in found.metadata.items()}
    assert found.size == len(BODY)
    assert about["content-type"] == TYPE
    strange = {"content-encoding", "content-disposition", "cache-control", "x-amz-meta-a"}
    assert not {name for name in about if name in strange or "redirect" in name or "tagging" in name}


def test_another_type_and_another_length_are_refused(link):
    url, _ = link()
    assert put(url, media_type="text/html") == 403
    assert put(url, BODY * 80_000) == 403
    assert put(url, BODY[:-1]) == 403
    assert put(url, b"") == 403
    assert put(url, iter([BODY])) in (403, 411), "pieces of no stated length"


@pytest.mark.parametrize(
    "more", ["acl", "uploads", "tagging", "retention", "legal-hold", "append&position=0", "versionId=null"]
)
def test_a_link_is_for_a_plain_put_alone(link, more):
    url, _ = link()
    assert put(f"{url}&{more}") == 403
    assert httpx.post(f"{url}&{more}", content=BODY, headers={"Content-Type": TYPE}).status_code in (403, 405)
