"""The tables of who may come in: accounts, guards against guessing, devices, sessions."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from contracts.directory.accounts import DisabledBecause
from kernel.data.columns import Word
from kernel.data.tables import MOMENT
from services.directory.access.domain.account import Account
from services.directory.access.domain.lockout import SignInGuard
from services.directory.access.domain.session import Ended, RefreshToken, SessionFamily
from services.directory.metadata import MAPPED, METADATA

accounts = Table(
    "accounts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False, unique=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("password_set_at", MOMENT, nullable=False),
    Column("set_by_request", Uuid, nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("disabled_at", MOMENT),
    Column("disabled_because", Word(DisabledBecause)),
    Column("enabled_at", MOMENT),
)
sign_in_guards = Table(
    "sign_in_guards",
    METADATA,
    Column("username", Text, primary_key=True),
    Column("wrong_tries", Integer, nullable=False),
    Column("last_wrong_at", MOMENT),
    Column("locked_until", MOMENT),
)
known_devices = Table(
    "known_devices",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("known_since", MOMENT, nullable=False),
    Column("used_at", MOMENT, nullable=False),
)
session_families = Table(
    "session_families",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("position_id", Uuid, nullable=False),
    Column("acting_for", Uuid),
    Column("opened_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
    Column("ended_because", Word(Ended)),
)
refresh_tokens = Table(
    "refresh_tokens",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("family_id", Uuid, ForeignKey("session_families.id", ondelete="CASCADE"), nullable=False),
    Column("issued_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("used_at", MOMENT),
    Column("used_by", Uuid),
    Column("replaced_by", LargeBinary),
    Column("seed", LargeBinary),
)
MAPPED.map_imperatively(Account, accounts, version_id_col=accounts.c.version)
MAPPED.map_imperatively(SignInGuard, sign_in_guards)
MAPPED.map_imperatively(SessionFamily, session_families)
MAPPED.map_imperatively(RefreshToken, refresh_tokens)
# Apart from the account: a person who signs in at two places at once changes no account twice.
last_sign_ins = Table(
    "last_sign_ins",
    METADATA,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("signed_in_at", MOMENT, nullable=False),
)
