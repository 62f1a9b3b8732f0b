"""The directory's settings beside those of every service."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from kernel.life.settings import Settings


@dataclass(frozen=True, kw_only=True)
class DirectorySettings(Settings):
    """Keys, and argon2id as RFC 9106 section 4 recommends where memory is scarce."""

    grant_private_key_file: str
    identity_keys_file: str
    grant_seconds: Annotated[int, Meta(ge=30, le=600)] = 600
    argon2_passes: Annotated[int, Meta(ge=1, le=20)] = 3
    argon2_memory_kib: Annotated[int, Meta(ge=64, le=2_097_152)] = 65_536
    argon2_lanes: Annotated[int, Meta(ge=1, le=16)] = 4
    hash_workers: Annotated[int, Meta(ge=1, le=16)] = 1
    hash_waiting: Annotated[int, Meta(ge=1, le=1000)] = 4
