"""Who may do what in the object store: one user for each service and each purpose, each act it needs as data.

What is not written here is not allowed. `tests/deploy/test_store_rights.py` tries every act as every user.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from deploy.platform.names import SERVICES, STORE_USERS

OWNER = "eiso"
PREFIX = "eiso-"
VERSION = "2012-10-17"

READ = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention")
PUT = ("s3:PutObject",)
REMOVE = ("s3:DeleteObjectVersion",)
LOCK = ("s3:PutObjectRetention",)
LIST = ("s3:ListBucket", "s3:ListBucketVersions")

ON_OBJECTS = (
    *READ,
    *PUT,
    "s3:DeleteObject",
    *REMOVE,
    *LOCK,
    "s3:BypassGovernanceRetention",
    *(f"s3:{verb}ObjectLegalHold" for verb in ("Get", "Put")),
    *(f"s3:{verb}Object{what}" for verb in ("Get", "Put") for what in ("Acl", "VersionAcl")),
    *(
        f"s3:{verb}Object{what}"
        for verb in ("Get", "Put", "Delete")
        for what in ("Tagging", "VersionTagging")
    ),
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:RestoreObject",
)
"""Every act on an object that S3 knows a right for."""

FILES = "????????-????-????-????-????????????/*"
"""Keys of uploaded files begin with the id of their agency."""
MINUTES = "minutes/*"
ANCHORS = "trail-anchors"

GRANTED_TO_OTHERS = (
    "s3:x-amz-acl",
    *(f"s3:x-amz-grant-{what}" for what in ("read", "write", "read-acp", "write-acp", "full-control")),
)
"""Headers of a PUT by which its sender lets others at the object: nobody may, not even the owner."""
TAKEN_FROM_ELSEWHERE = ("s3:x-amz-copy-source",)
ENCRYPTED_APART = ("s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-customer-algorithm")


@dataclass(frozen=True, kw_only=True)
class Right:
    """Acts of one user on keys of one bucket; acts that list are bounded by the prefix asked for."""

    user: str
    acts: tuple[str, ...]
    keys: str


def of_bucket() -> tuple[Right, ...]:
    """Where files stay. `locks` only prolongs locks; who signs upload links has no right here at all."""
    anchors = [
        Right(user=name, acts=(*PUT, *LIST), keys=f"{ANCHORS}/{name}/*") for name in SERVICES
    ]  # written and looked for, never read: only the operators compare them
    return (
        *anchors,
        Right(user="documents", acts=(*PUT, *READ, *LIST), keys=FILES),
        Right(user="locks", acts=LOCK, keys=FILES),
        Right(user="audits", acts=(*PUT, *READ, *LIST), keys=MINUTES),
        Right(user="ops", acts=(*READ, *LIST), keys="*"),
    )


def of_intake() -> tuple[Right, ...]:
    """Where files arrive. Nobody but `links` puts, and `links` does nothing else anywhere."""
    return (
        Right(user="links", acts=PUT, keys="*"),
        Right(user="documents", acts=(*READ, *LIST, *REMOVE), keys="*"),
    )


def policy(bucket: str, rights: Iterable[Right], *, denied: Iterable[str]) -> dict[str, Any]:
    """The bucket policy as S3 takes it. The owner is named too: an object belongs to the user that put it."""
    everything = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    owner = {"Effect": "Allow", "Principal": _who(OWNER), "Action": ["s3:*"], "Resource": everything}
    statements = [owner]
    for right in rights:
        statements += _allowed(bucket, right)
    for header in denied:
        statements.append(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:PutObject"],
                "Resource": [f"arn:aws:s3:::{bucket}/*"],
                "Condition": {"StringLike": {header: "?*"}},
            }
        )
    return {"Version": VERSION, "Statement": statements}


def _allowed(bucket: str, right: Right) -> Iterable[dict[str, Any]]:
    who = _who(f"{PREFIX}{right.user}")
    on_keys = [act for act in right.acts if act not in LIST]
    if on_keys:
        where = [f"arn:aws:s3:::{bucket}/{right.keys}"]
        yield {"Effect": "Allow", "Principal": who, "Action": on_keys, "Resource": where}
        # An object belongs to the user that put it, who could read it and open it to everybody. Named one
        # by one, since Ceph 16 reads `NotAction` and heeds it not.
        others = [act for act in ON_OBJECTS if act not in on_keys]
        yield {"Effect": "Deny", "Principal": who, "Action": others, "Resource": where}
    if listing := [act for act in right.acts if act in LIST]:
        where = [f"arn:aws:s3:::{bucket}"]
        statement = {"Effect": "Allow", "Principal": who, "Action": listing, "Resource": where}
        if right.keys != "*":
            statement["Condition"] = {"StringLike": {"s3:prefix": right.keys}}
        yield statement


def _who(uid: str) -> dict[str, list[str]]:
    return {"AWS": [f"arn:aws:iam:::user/{uid}"]}


def same(one: str, other: dict[str, Any]) -> bool:
    """Whether a policy read back from the store says this."""
    return bool(one) and bool(json.loads(one) == other)


def uid(user: str) -> str:
    """The name of a user in the store."""
    return f"{PREFIX}{user}"


__all__ = ["STORE_USERS", "Right", "of_bucket", "of_intake", "policy", "same", "uid"]
