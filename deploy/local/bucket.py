"""The bucket: versions kept, locks honoured, and browsers allowed to put and get directly."""

from base64 import b64encode
from hashlib import md5
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from minio import Minio
from minio.error import S3Error

from deploy.local.platform import Platform

CORS = """<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CORSRule>
{origins}<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>
<AllowedMethod>HEAD</AllowedMethod><AllowedHeader>*</AllowedHeader>
<ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-version-id</ExposeHeader>
<MaxAgeSeconds>600</MaxAgeSeconds></CORSRule></CORSConfiguration>"""


def client(platform: Platform) -> Minio:
    """The store as the application sees it."""
    address = urlsplit(platform.s3_endpoint)
    return Minio(
        address.netloc,
        access_key=platform.s3_access_key,
        secret_key=platform.s3_secret_key,
        secure=address.scheme == "https",
        region="us-east-1",
    )


def prepare(platform: Platform) -> None:
    """Make the bucket if it is missing; a lock can only be asked for when a bucket is made."""
    store = client(platform)
    if not store.bucket_exists(platform.s3_bucket):
        store.make_bucket(platform.s3_bucket, object_lock=True)
    _allow_browsers(store, platform)


def cors(origins: list[str]) -> bytes:
    """The rule for pages of these origins."""
    allowed = "".join(f"<AllowedOrigin>{origin}</AllowedOrigin>" for origin in origins)
    return CORS.format(origins=allowed).encode()


def origins(platform: Platform) -> list[str]:
    """Where the gateway's pages come from: the same server under both of its names."""
    port = platform.ports["gateway"]
    return [f"http://127.0.0.1:{port}", f"http://localhost:{port}"]


def _allow_browsers(store: Minio, platform: Platform) -> None:
    """The SDK has no call for CORS, but signs any request. Written only where it differs: the
    gateway tells its peers of every change and would wait for one that was killed a moment ago.
    """
    rule = cors(origins(platform))
    if _cors_of(store, platform.s3_bucket) != _plain(rule):
        digest = b64encode(md5(rule, usedforsecurity=False).digest()).decode()
        headers = {"Content-MD5": digest}
        query = {"cors": ""}
        store._execute("PUT", platform.s3_bucket, body=rule, headers=headers, query_params=query)


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
