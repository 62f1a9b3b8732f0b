"""What the rights in a token rely on, how the token says so, and the word that some of it has ended."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID


class Basis(StrEnum):
    """What a token may rely on; its token names each with the version it was signed by."""

    SESSION = "session"
    POSITION = "position"
    DELEGATION = "delegation"
    GRANT = "grant"
    CLIENT = "client"


class EndsAuthority:
    """Marks an event by which something that tokens rely on gives less than before.

    What was signed by a version of it below the event's own is void.
    """

    basis: Basis
    subject_id: UUID


class ReliesOn(NamedTuple):
    """One thing that a token relies on, as of a version of it."""

    basis: Basis
    subject_id: UUID
    version: int


def relied_on(claims: Mapping[str, Any]) -> tuple[ReliesOn, ...]:
    """What a token relies on; one that does not say so relies on what it names, as of before any change."""
    if claims.get("rel"):
        return tuple(_unpacked(each) for each in claims["rel"])
    is_client = claims.get("knd") == Basis.CLIENT
    named = {Basis.CLIENT: "sub"} if is_client else {Basis.SESSION: "sid", Basis.POSITION: "pos"}
    return tuple(ReliesOn(basis, UUID(claims[name]), 0) for basis, name in named.items() if claims.get(name))


_BASES = {basis.value[0]: basis for basis in Basis}


def packed(each: ReliesOn) -> str:
    """Forty of these go with every request: an id of 22 signs instead of 36."""
    text = urlsafe_b64encode(each.subject_id.bytes).decode().rstrip("=")
    return f"{each.basis.value[0]}{text}{each.version}"


def _unpacked(text: str) -> ReliesOn:
    subject_id = UUID(bytes=urlsafe_b64decode(text[1:23] + "=="))
    return ReliesOn(_BASES[text[0]], subject_id, int(text[23:]))
