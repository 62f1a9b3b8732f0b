"""Tokens that are forged or taken for what they are not are refused by a running service, over the bus."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from contracts.directory.access import Me
from kernel.base import clock
from kernel.trust.identity import ALGORITHM, AUDIENCE, ISSUER, KIND

OTHER = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
MINUTE = 60


def claims(**changes):
    now = int(clock.now().timestamp())
    good = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 5 * MINUTE, "roles": []}
    return good | {name: str(uuid4()) for name in ("sub", "pos", "agy")} | changes


def signed(key, header=None, **changes):
    private = OKPKey.import_key(dict(key)) if isinstance(key, dict) else key
    head = {"alg": ALGORITHM, "typ": KIND, "kid": private.kid} | (header or {})
    return jwt.encode(head, claims(**changes), private, algorithms=[head["alg"]])


def unsigned(**changes):
    """`alg: none`: a library that is asked to obey the header takes it."""
    head = {"alg": "none", "typ": KIND}
    parts = (json.dumps(part).encode() for part in (head, claims(**changes)))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def by_the_public_key(jwks):
    """HS256 with what everybody may read as the secret."""
    [public] = jwks["keys"]
    secrets = (public["x"].encode(), base64.urlsafe_b64decode(public["x"] + "="), json.dumps(public).encode())
    head = {"alg": "HS256", "typ": KIND, "kid": public["kid"]}
    return [jwt.encode(head, claims(), OctKey.import_key(secret), algorithms=["HS256"]) for secret in secrets]


def with_its_own_key():
    """The key that it asks to be judged by comes in its header."""
    head = {"jwk": OTHER.as_dict(private=False)}
    return signed(OTHER, head)


@pytest.fixture
def service(running):
    return running("directory", "rpc")


@pytest.fixture
def refused(service, rpc):
    def ask(token):
        return rpc.call("directory.me", Me(), token=token)["refused"]["code"]

    return ask


def test_no_forged_or_confused_token_gets_past_a_running_service(service, refused, private_key):
    now = int(clock.now().timestamp())
    jwks = json.loads(Path(service.means.settings.grant_jwks_file).read_text())
    confused = {
        "alg none": [unsigned()],
        "a public key as the secret": by_the_public_key(jwks),
        "another's key under our kid": [signed(OTHER, {"kid": private_key["kid"]})],
        "a kid nobody knows": [signed(private_key, {"kid": "khac"})],
        "a key of its own": [with_its_own_key()],
        "another audience": [signed(private_key, aud="cong-dich-vu-cong")],
        "another issuer": [signed(private_key, iss="khac")],
        "another kind of token": [signed(private_key, {"typ": "JWT"})],
        "a life beyond ten minutes": [signed(private_key, exp=now + 11 * MINUTE)],
        "not yet valid": [signed(private_key, iat=now + 2 * MINUTE, exp=now + 5 * MINUTE)],
        "no end": [signed(private_key, exp=None)],
        "a name that is none": [signed(private_key, sub="quantri")],
        "cut off": [signed(private_key)[:-8]],
        "a refresh token": ["Auq2qaTEB8POvhvTAxB16zRphbzTzjk5ga8dCrJEC_U"],
    }
    for name, tokens in confused.items():
        assert {refused(token) for token in tokens} == {"bad_grant"}, name


def test_a_token_that_has_run_out_asks_to_sign_in_again(refused, private_key):
    past = int((clock.now() - timedelta(minutes=9)).timestamp())
    assert refused(signed(private_key, iat=past, exp=past + 8 * MINUTE)) == "not_signed_in"


def test_the_same_token_signed_rightly_does_get_past(refused, private_key):
    """What the others were refused for is what was changed in them, and nothing else."""
    assert refused(signed(private_key)) == "position_not_found"
