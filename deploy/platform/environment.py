"""The environment that each process of a platform needs; `deploy/env.example` explains every name."""

import os
from urllib.parse import urlsplit

from deploy.platform import identity_keys, session_token_keys
from deploy.platform.names import SERVICES
from deploy.platform.platform import Platform

CLEAN = {"PATH": os.defpath + ":/usr/sbin:/sbin", "LANG": "C.UTF-8", "HOME": "/"}
"""What a process is given beside its own, instead of the environment that starts it."""
GATEWAYS = ("PUBLIC_ORIGINS",)
COMMON = ("EISO_MODE", "TRACES_TO", "LOG_LEVEL", "LOG_FORMAT", "BUSINESS_CLOCK_FILE")
STORES = ("S3_LOCK_MODE",)
MAILS = "SMTP_"
"""Settings of the platform: for the gateway alone, for every process, for services that use the store."""


def of_service(platform: Platform, name: str) -> dict[str, str]:
    """A service's own database, broker user, health port and store users."""
    values = {
        **{key: value for key, value in platform.settings.items() if _is_for(name, key)},
        "SERVICE": name,
        "AMQP_URI": platform.amqp_uri(name),
        "DATABASE_URL": platform.database_url(name),
        "GRANT_JWKS_FILE": str(session_token_keys.public_file(platform.keys)),
        "HEALTH_PORT": str(_port(platform.processes.get(name, ""))),
        **_store(platform, name),
    }
    if name == "directory":
        values["GRANT_PRIVATE_KEY_FILE"] = str(session_token_keys.private_file(platform.keys))
        values["IDENTITY_KEYS_FILE"] = str(identity_keys.file_of(platform.keys))
    return values


def _is_for(service: str, setting: str) -> bool:
    """Only what sends mails is given the mail server, whose password may be among the settings."""
    if setting.startswith(MAILS):
        return service == "notify"
    return setting not in (*GATEWAYS, *STORES)


def _port(address: str) -> int:
    """The port of a process; who runs an act of upkeep listens nowhere and is given any."""
    return urlsplit(address).port or 8000


def _store(platform: Platform, service: str) -> dict[str, str]:
    """A service's own key; documents is given those that sign upload links and prolong locks too."""
    keys = {"S3": service} | ({"S3_LINKS": "links", "S3_LOCKS": "locks"} if service == "documents" else {})
    values = {
        "S3_ENDPOINT": platform.s3_endpoint,
        "S3_PUBLIC_ENDPOINT": platform.s3_public_endpoint,
        "S3_BUCKET": platform.s3_bucket,
        "S3_INTAKE_BUCKET": platform.s3_intake_bucket,
        "S3_LOCK_MODE": lock_mode(platform),
    }
    for prefix, user in keys.items():
        values[f"{prefix}_ACCESS_KEY"], values[f"{prefix}_SECRET_KEY"] = platform.store_keys(user)
    return values


def lock_mode(platform: Platform) -> str:
    """How issued files are locked; on a platform that does not say so, as in production."""
    return platform.settings.get("S3_LOCK_MODE", "COMPLIANCE")


def of_migrations(platform: Platform, name: str) -> dict[str, str]:
    """For the one-shot that migrates: the owner's address, which no running process knows."""
    return {**of_service(platform, name), "DATABASE_OWNER_URL": platform.owner_url(name)}


def of_gateway(platform: Platform) -> dict[str, str]:
    """The gateway knows the broker and where health is asked; no database and no signing key."""
    own = {key: value for key, value in platform.settings.items() if key in (*GATEWAYS, *COMMON)}
    targets = [f"{name}={platform.processes[name]}" for name in SERVICES if name in platform.processes]
    return {
        **own,
        "SERVICE": "gateway",
        "AMQP_URI": platform.amqp_uri("gateway"),
        "HEALTH_TARGETS": ",".join(targets),
        "S3_PUBLIC_ENDPOINT": platform.s3_public_endpoint,
    }
