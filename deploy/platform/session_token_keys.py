"""The directory's key pair for session tokens: Ed25519 (RFC 9864), the private half readable by it only."""

import json
import os
from pathlib import Path

from joserfc.jwk import OKPKey


def private_file(keys: Path) -> Path:
    return keys / "grant.private.json"


def public_file(keys: Path) -> Path:
    return keys / "grant.jwks.json"


def prepare(keys: Path) -> None:
    """Make the pair once; a new one would end every session."""
    if private_file(keys).exists() and public_file(keys).exists():
        return
    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "Ed25519"}, auto_kid=True)
    descriptor = os.open(private_file(keys), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(key.as_dict(private=True), file)
    public_file(keys).write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
