"""The buckets: versions kept, locks honoured, rights as written, browsers allowed to put and get directly."""

import json
from base64 import b64encode
from hashlib import md5
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from minio import Minio
from minio.commonconfig import ENABLED
from minio.error import S3Error
from minio.versioningconfig import VersioningConfig

from deploy.platform import store_rights
from deploy.platform.platform import Platform

CORS = """<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CORSRule>
{origins}<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>
<AllowedMethod>HEAD</AllowedMethod><AllowedHeader>*</AllowedHeader>
<ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-version-id</ExposeHeader>
<MaxAgeSeconds>600</MaxAgeSeconds></CORSRule></CORSConfiguration>"""


def client(platform: Platform, user: str | None = None) -> Minio:
    """The store as the buckets' owner sees it, or one of the users."""
    address = urlsplit(platform.s3_endpoint)
    owner = (platform.s3_access_key, platform.s3_secret_key)
    access, secret = platform.store_keys(user) if user else owner
    return Minio(
        address.netloc,
        access_key=access,
        secret_key=secret,
        secure=address.scheme == "https",
        region="us-east-1",
    )


def prepare(platform: Platform) -> None:
    """Make the buckets if they are missing, and see that each says who may do what; done at every start.

    A lock can only be asked for when a bucket is made. The intake has none, so that a link to upload with
    cannot leave behind what nobody may delete; it keeps versions, so that what was judged is what is kept.
    """
    store = client(platform)
    bucket, intake = platform.s3_bucket, platform.s3_intake_bucket
    if not store.bucket_exists(bucket):
        store.make_bucket(bucket, object_lock=True)
    if not store.bucket_exists(intake):
        store.make_bucket(intake)
    if store.get_bucket_versioning(intake).status != ENABLED:
        store.set_bucket_versioning(intake, VersioningConfig(ENABLED))
    granting, apart = store_rights.GRANTED_TO_OTHERS, store_rights.ENCRYPTED_APART
    _set_policy(store, bucket, store_rights.policy(bucket, store_rights.of_bucket(), denied=granting))
    denied = (*granting, *store_rights.TAKEN_FROM_ELSEWHERE, *apart)
    _set_policy(store, intake, store_rights.policy(intake, store_rights.of_intake(), denied=denied))
    for each in (bucket, intake):
        _allow_browsers(store, platform, each)


def _set_policy(store: Minio, bucket: str, wanted: dict[str, Any]) -> None:
    try:
        there = store.get_bucket_policy(bucket)
    except S3Error as refusal:
        if refusal.code != "NoSuchBucketPolicy":
            raise
        there = ""
    if not store_rights.same(there, wanted):
        store.set_bucket_policy(bucket, json.dumps(wanted))


def cors(origins: list[str]) -> bytes:
    """The rule for pages of these origins."""
    allowed = "".join(f"<AllowedOrigin>{origin}</AllowedOrigin>" for origin in origins)
    return CORS.format(origins=allowed).encode()


def origins(platform: Platform) -> list[str]:
    """Whose pages may call the gateway and put files: the gateway's own, and portals'."""
    origins = platform.settings.get("PUBLIC_ORIGINS", "")
    return [each.strip() for each in origins.split(",") if each.strip()]


def _allow_browsers(store: Minio, platform: Platform, bucket: str) -> None:
    """The SDK has no call for CORS, but signs any request. Written only where it differs: the
    gateway notifies its peers of every change and would wait for one that was killed a moment ago.
    """
    rule = cors(origins(platform))
    if _cors_of(store, bucket) != _plain(rule):
        digest = b64encode(md5(rule, usedforsecurity=False).digest()).decode()
        headers = {"Content-MD5": digest}
        query = {"cors": ""}
        store._execute("PUT", bucket, body=rule, headers=headers, query_params=query)


def _cors_of(store: Minio, bucket: str) -> set[str]:
    try:
        return _plain(store._execute("GET", bucket, query_params={"cors": ""}).data)
    except S3Error as refusal:
        if refusal.code != "NoSuchCORSConfiguration":
            raise
        return set()


def _plain(document: bytes) -> set[str]:
    """What a rule says, without the order, spaces and defaults a server may add."""
    root = ET.fromstring(document)
    said = {f"{e.tag.rpartition('}')[2]}={(e.text or '').strip()}" for e in root.iter()}
    return {fact for fact in said if fact.startswith("Allowed")}
