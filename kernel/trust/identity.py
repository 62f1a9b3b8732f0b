"""Who acts: a person as a position in an agency, a client of a portal, the public, or the system."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from contracts.authority import ReliesOn, packed, relied_on
from kernel.base.errors import Forbidden

CLIENT = "client"
"""The kind of an actor that is a program of a portal, and the role that it holds for its agencies."""
ALGORITHM = "Ed25519"
KIND = "eiso-grant+jwt"
ISSUER, AUDIENCE = "eiso-directory", "eiso"
LONGEST = timedelta(minutes=10)
_SKEW = timedelta(seconds=30)
REMEMBERED = 2048
"""Session tokens whose signature was found good; it is not computed again while they last."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A role held for one agency, or for it and all below it."""

    role: str
    agency_id: UUID
    with_subtree: bool = False


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who a unit of work is done for; `person_id` is the client's own id where the actor is a client."""

    kind: str
    person_id: UUID | None = None
    position_id: UUID | None = None
    agency_id: UUID | None = None
    roles: tuple[Held, ...] = ()
    on_behalf_of: UUID | None = None
    may_sign: bool = True
    session_id: UUID | None = None
    scopes: tuple[str, ...] = ()
    cause: str | None = None
    # How the token came about is no part of who it is.
    relies_on: tuple[ReliesOn, ...] = field(default=(), compare=False)

    @classmethod
    def system(cls, cause: str) -> "Actor":
        """The platform itself, because of `cause` (an event's id, a sweep, a job)."""
        return cls(kind="system", cause=cause)

    @classmethod
    def client(cls, id: UUID, scopes: Iterable[str], agencies: Iterable[tuple[UUID, bool]]) -> "Actor":
        """A program of a portal: it may do what its scopes open, to things of its agencies."""
        held = (Held(role=CLIENT, agency_id=agency, with_subtree=below) for agency, below in agencies)
        return cls(kind=CLIENT, person_id=id, scopes=tuple(scopes), roles=tuple(held))

    @property
    def is_person(self) -> bool:
        return self.kind == "person"

    @property
    def is_client(self) -> bool:
        return self.kind == CLIENT

    @property
    def is_system(self) -> bool:
        return self.kind == "system"


PUBLIC = Actor(kind="public")


def sign_token(private_jwk: Mapping[str, Any], actor: Actor, now: datetime, lifetime: timedelta) -> str:
    """A session token for `actor`; its lifetime is never longer than ten minutes."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + min(lifetime, LONGEST)).timestamp()),
        "sub": str(actor.person_id) if actor.is_person or actor.is_client else "public",
        "pos": _text(actor.position_id),
        "agy": _text(actor.agency_id),
        "obo": _text(actor.on_behalf_of),
        "sid": _text(actor.session_id),
        "roles": [[h.role, str(h.agency_id), h.with_subtree] for h in actor.roles],
        "sign": actor.may_sign,
        "rel": [packed(each) for each in actor.relies_on],
    }
    if actor.is_client:
        claims |= {"knd": CLIENT, "scp": list(actor.scopes)}
    header = {"alg": ALGORITHM, "typ": KIND, "kid": private_jwk["kid"]}
    return jwt.encode(header, claims, OKPKey.import_key(dict(private_jwk)), algorithms=[ALGORITHM])


class Verifier:
    """Checks tokens with the directory's public keys; holds nothing that could sign one."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        if any("d" in key for key in jwks["keys"]):
            raise ValueError("a verifier must not hold a private key")
        self.keys = KeySet.import_key_set(dict(jwks))  # type: ignore[arg-type]
        self.known = {key["kid"] for key in jwks["keys"]}
        # A person asks many things with one token; a forged one is refused anew each time and not kept.
        self._signed = lru_cache(maxsize=REMEMBERED)(self._check)

    @classmethod
    def from_file(cls, path: str) -> "Verifier":
        return cls(json.loads(Path(path).read_text("utf-8")))

    def verify(self, token: str | None, now: datetime) -> Actor:
        """The actor named by a token; `Forbidden` when it is missing, forged or out of time."""
        if not token:
            raise Forbidden("not_signed_in")
        signed = self._signed(token)
        if signed.issued > (now + _SKEW).timestamp():
            raise Forbidden("bad_grant")
        if signed.expires <= now.timestamp():
            raise Forbidden("not_signed_in")
        return signed.actor

    def _check(self, token: str) -> "_Signed":
        """What a token says, once its signature holds: that does not change, only the time does."""
        try:
            decoded = jwt.decode(token, self.keys, algorithms=[ALGORITHM])
            claims, header = decoded.claims, decoded.header
            genuine = (
                header.get("typ") == KIND
                and header.get("kid") in self.known
                and claims["iss"] == ISSUER
                and claims["aud"] == AUDIENCE
                and claims["exp"] - claims["iat"] <= LONGEST.total_seconds()
            )
            if genuine:
                return _Signed(_actor(claims), claims["iat"], claims["exp"])
        except (JoseError, KeyError, ValueError, TypeError):
            pass
        raise Forbidden("bad_grant")


class _Signed(NamedTuple):
    actor: Actor
    issued: float
    expires: float


def _actor(claims: Mapping[str, Any]) -> Actor:
    if claims["sub"] == "public":
        return PUBLIC
    if claims.get("knd") == CLIENT:
        agencies = ((UUID(agency), bool(below)) for _, agency, below in claims["roles"])
        client = Actor.client(UUID(claims["sub"]), map(str, claims["scp"]), agencies)
        return replace(client, relies_on=relied_on(claims))
    return Actor(
        kind="person",
        person_id=UUID(claims["sub"]),
        position_id=UUID(claims["pos"]),
        agency_id=UUID(claims["agy"]),
        on_behalf_of=UUID(claims["obo"]) if claims.get("obo") else None,
        # A token from before there was the claim was everybody's own.
        may_sign=bool(claims.get("sign", True)),
        session_id=UUID(claims["sid"]) if claims.get("sid") else None,
        roles=tuple(
            Held(role=role, agency_id=UUID(agency), with_subtree=bool(below))
            for role, agency, below in claims["roles"]
        ),
        relies_on=relied_on(claims),
    )


def _text(id: UUID | None) -> str | None:
    return str(id) if id else None
