"""What the directory's handlers work with: the signing key, the hashers, the rules."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts.directory.quality_systems import StandardView
from kernel.base.errors import Refusal
from services.directory import rules
from services.directory.access.domain.account import IdleRule
from services.directory.access.domain.lockout import LockOuts
from services.directory.access.domain.passwords import PasswordRule
from services.directory.access.domain.session import SessionRule
from services.directory.access.hashing import Hasher, Parameters
from services.directory.agencies.domain.kinds import Kinds
from services.directory.clients.domain import ClientRule
from services.directory.roles.domain.catalogue import RoleCatalogue
from services.directory.settings import DirectorySettings
from services.directory.staff.identity_numbers import IdentityVault


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Made once per process."""

    private_jwk: Mapping[str, Any]
    token_lifetime: timedelta
    hasher: Hasher
    kinds: Kinds
    roles: RoleCatalogue
    standards: Sequence[StandardView]
    identity: IdentityVault
    lock_outs: LockOuts
    passwords: PasswordRule
    session_rule: SessionRule
    idle: IdleRule
    clients: ClientRule
    unapplied: dict[UUID, Refusal] = field(default_factory=dict)
    """Acts whose applying was refused a turn ago, and why: to be noted in a transaction of its own."""


def make_resources(settings: DirectorySettings) -> Resources:
    """Read the key and the rules; hashing threads start when the first password comes."""
    parameters = Parameters(
        passes=settings.argon2_passes,
        memory_kib=settings.argon2_memory_kib,
        lanes=settings.argon2_lanes,
    )
    return Resources(
        private_jwk=json.loads(Path(settings.grant_private_key_file).read_text("utf-8")),
        token_lifetime=timedelta(seconds=settings.grant_seconds),
        hasher=Hasher(parameters, workers=settings.hash_workers, waiting=settings.hash_waiting),
        kinds=rules.agency_kinds(),
        roles=rules.roles(),
        standards=rules.standards(),
        identity=IdentityVault.from_file(settings.identity_keys_file),
        lock_outs=rules.lock_outs(),
        passwords=rules.passwords(),
        session_rule=rules.session(),
        idle=rules.idle(),
        clients=rules.clients(),
    )
