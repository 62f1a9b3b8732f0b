"""Links by which a client puts one object itself: every header that matters is part of the signature.

The SDK signs the host alone; its holder could then send another type and any length.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

REGION = "us-east-1"
ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Whose key signs, and the store's address as clients know it."""

    endpoint: str
    access: str
    secret: str

    def put(self, path: str, headers: Mapping[str, str], now: datetime, seconds: int) -> str:
        """A link to PUT `/bucket/key` with exactly these values of these headers (Signature Version 4)."""
        scope = f"{now:%Y%m%d}/{REGION}/s3/aws4_request"
        signed = {"host": urlsplit(self.endpoint).netloc}
        signed |= {name.lower(): value for name, value in headers.items()}
        names = ";".join(sorted(signed))
        query = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self.access}/{scope}",
            "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": names,
        }
        asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(query.items()))
        where = quote(path)
        lines = ["PUT", where, asked, *(f"{name}:{signed[name]}" for name in sorted(signed))]
        request = "\n".join([*lines, "", names, "UNSIGNED-PAYLOAD"])
        return f"{self.endpoint}{where}?{asked}&X-Amz-Signature={self._signature(request, now, scope)}"

    def _signature(self, request: str, now: datetime, scope: str) -> str:
        digest = sha256(request.encode()).hexdigest()
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        to_sign = f"{ALGORITHM}\n{now:%Y%m%dT%H%M%SZ}\n{scope}\n{digest}"
        return hmac.digest(key, to_sign.encode(), "sha256").hex()
