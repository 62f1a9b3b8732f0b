"""What the gateway raises: a service or the gateway itself said no, or something broke."""

from collections.abc import Mapping
from typing import Any

from kernel.base.errors import Forbidden, Refusal, Unavailable

SIGN_IN = "not_signed_in"
"""The one code by which a client knows that it must renew its token or sign in, whatever it asked."""
NOT_SIGNED_IN = frozenset({SIGN_IN, "bad_grant"})
"""Reasons that are one to a client: no token, one that ran out or was revoked, one that is none."""


class Refused(Exception):
    """A service, or the gateway itself, said no; `data` is `Refusal.as_data()`."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        if data.get("code") in NOT_SIGNED_IN:
            data = Forbidden(SIGN_IN).as_data()
        super().__init__(str(data.get("code")))
        self.data = data

    @classmethod
    def because(cls, refusal: Refusal) -> "Refused":
        """A refusal of the gateway's own."""
        return cls(refusal.as_data())

    @property
    def needs_sign_in(self) -> bool:
        """Whether the call is refused for want of a token that is good: the same in a query and a command."""
        return bool(self.data["code"] == SIGN_IN)

    @property
    def is_outage(self) -> bool:
        """Whether a part of the platform is missing rather than the request wrong."""
        return bool(self.data["kind"] == Unavailable.kind)


class Defect(Exception):
    """Something that should never happen; logged with its trace id and masked to the client."""
