"""A session: a chain of refresh tokens, each good once; one used again later on ends the whole session.

Two tabs renew at the same moment, and an answer gets lost: neither is a theft. So for a short while after its
use a token answers with what it was exchanged for. That is never kept: each token is computed from the one
before and a seed of its own, so only who presents the one before can be given it. All who share a token stay
on one chain, and who renews it after the others have gone on is found out.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID


class Ended(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSED = "token_reused"
    PASSWORD_CHANGED = "password_changed"
    POSITION_ENDED = "position_ended"
    REVOKED = "revoked"
    REVOKED_BY_ADMINISTRATOR = "revoked_by_administrator"
    ACCOUNT_DISABLED = "account_disabled"


class Renewal(StrEnum):
    """What presenting a refresh token comes to."""

    GRANTED = "granted"
    REPEATED = "repeated"
    EXPIRED = "expired"
    ENDED = "ended"
    REUSED = "reused"


@dataclass(frozen=True, kw_only=True)
class SessionRule:
    """How long a refresh token waits to be used and how long a session lasts at most.

    `overlap_seconds`: how long after its use a token still answers with its successor.
    """

    idle_seconds: int
    overlap_seconds: int
    longest_seconds: int
    keep_ended_seconds: int
    basis: str


@dataclass(eq=False, kw_only=True)
class RefreshToken:
    """A token known by its SHA-256 only; `used_by` is the request that used it up."""

    digest: bytes
    family_id: UUID
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    used_by: UUID | None = None
    replaced_by: bytes | None = None
    seed: bytes | None = None
    """What its successor was computed with; none where a release before computed none."""


@dataclass(eq=False, kw_only=True)
class SessionFamily:
    """All tokens that came of one sign-in, for one person acting as one position."""

    id: UUID
    account_id: UUID
    person_id: UUID
    position_id: UUID
    opened_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    ended_because: Ended | None = None
    acting_for: UUID | None = None
    """The delegation under which the person acts for another."""

    @classmethod
    def open(
        cls,
        *,
        id: UUID,
        account_id: UUID,
        person_id: UUID,
        position_id: UUID,
        now: datetime,
        rule: SessionRule,
        acting_for: UUID | None = None,
    ) -> Self:
        return cls(
            id=id,
            account_id=account_id,
            person_id=person_id,
            position_id=position_id,
            opened_at=now,
            ends_at=now + timedelta(seconds=rule.longest_seconds),
            acting_for=acting_for,
        )

    def issue(self, digest: bytes, *, now: datetime, rule: SessionRule) -> RefreshToken:
        """A new token of this session, never good beyond the session's end."""
        expires_at = min(now + timedelta(seconds=rule.idle_seconds), self.ends_at)
        return RefreshToken(digest=digest, family_id=self.id, issued_at=now, expires_at=expires_at)

    def judge(
        self,
        token: RefreshToken,
        successor: RefreshToken | None,
        *,
        request_id: UUID,
        now: datetime,
        rule: SessionRule,
    ) -> Renewal:
        """What presenting `token` now comes to.

        A used token is no theft shortly after its use: another tab renewed at the same time, or the answer
        was lost. Later only the same request may repeat it, while the token it did not receive is unused.
        """
        if self.ended_at is not None:
            return Renewal.ENDED
        if token.used_at is not None:
            is_lately = now - token.used_at <= timedelta(seconds=rule.overlap_seconds)
            is_unused = successor is not None and successor.used_at is None
            repeats = is_lately or (token.used_by == request_id and is_unused)
            return Renewal.REPEATED if repeats else Renewal.REUSED
        return Renewal.EXPIRED if now >= token.expires_at else Renewal.GRANTED

    def end(self, because: Ended, now: datetime) -> None:
        """No token of this session is good any more; the first reason stands."""
        if self.ended_at is None:
            self.ended_at, self.ended_because = now, because


def use_up(
    token: RefreshToken, *, replaced_by: bytes, request_id: UUID, now: datetime, seed: bytes | None = None
) -> None:
    """The token was exchanged for another by this request."""
    token.used_at, token.used_by, token.replaced_by, token.seed = now, request_id, replaced_by, seed


def successor_of(text: str, seed: bytes) -> str:
    """The token that follows `text`: nobody finds it out who has only one of the two."""
    return urlsafe_b64encode(hmac.digest(seed, text.encode(), "sha256")).decode().rstrip("=")
