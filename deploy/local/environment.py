"""The environment of each process, one file each; `deploy/env.example` explains every name."""

import os
from dataclasses import replace
from pathlib import Path

from deploy.local import grant_keys, identity_keys, observe
from deploy.local.bucket import origins
from deploy.local.platform import SERVICES, Platform

DETOURS = "EISO_DETOURS"
"""Ports at which processes find servers instead of the servers' own (`amqp=21000,s3=21001`): what tests
put in between. Whoever builds and looks after the servers goes straight."""
ALSO = "EISO_PROCESSES_ALSO"
"""More settings for every process (`NAME=value,NAME=value`), from tests with odd surroundings."""
RETRY_TIERS = "10,60,600,3600"
SHORT_RETRY_TIERS = "0.3,0.6,1,1"


def write(platform: Platform) -> None:
    """All files anew; they hold secrets, so only their owner may read them."""
    for name, values in all_environments(platform).items():
        lines = "".join(f"{key}={value}\n" for key, value in values.items())
        new = platform.instance.environment / f"{name}.new"
        with os.fdopen(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(lines)
        new.replace(file_of(platform, name))


def file_of(platform: Platform, process: str) -> Path:
    return platform.instance.environment / f"{process}.env"


def read(path: Path) -> dict[str, str]:
    """One file as a mapping; values are plain, without quotes or references."""
    lines = (line.partition("=") for line in path.read_text().splitlines() if line)
    return {name: value for name, _, value in lines}


def all_environments(platform: Platform) -> dict[str, dict[str, str]]:
    """What every process is given, and no more than it needs."""
    services = {name: of_service(platform, name) for name in SERVICES}
    owners = {f"{name}.owner": of_migrations(platform, name) for name in SERVICES}
    return {
        **services,
        **owners,
        "bootstrap": of_bootstrap(platform),
        "gateway": of_gateway(platform),
        "mailsink": of_mailsink(platform),
    }


def _common(platform: Platform) -> dict[str, str]:
    is_test = platform.instance.name == "test"
    traces = f"file://{observe.traces_folder(platform)}" if observe.is_wanted() else ""
    return {
        "EISO_MODE": "test" if is_test else "local",
        "TRACES_TO": traces,
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "json",
        "BUSINESS_CLOCK_FILE": str(platform.instance.clock_file),
        **_pairs(ALSO),
    }


def of_service(platform: Platform, name: str) -> dict[str, str]:
    """A service's own database, broker user and health port; S3 and SMTP where it needs them."""
    is_test = platform.instance.name == "test"
    platform = _by_detours(platform)
    values = {
        **_common(platform),
        "SERVICE": name,
        "AMQP_URI": platform.amqp_uri(name),
        "DATABASE_URL": platform.database_url(name),
        "GRANT_JWKS_FILE": str(grant_keys.public_file(platform.instance)),
        "HEALTH_HOST": "127.0.0.1",
        "HEALTH_PORT": str(platform.ports[f"health_{name}"]),
        "MAX_WORKERS": "10",
        "RETRY_TIERS": SHORT_RETRY_TIERS if is_test else RETRY_TIERS,
        **_store(platform, name),
    }
    if folder := os.environ.get("EISO_CRASH_FOLDER"):
        values["CRASH_FILE"] = str(Path(folder) / name)
    if name == "directory":
        values["GRANT_PRIVATE_KEY_FILE"] = str(grant_keys.private_file(platform.instance))
        values["IDENTITY_KEYS_FILE"] = str(identity_keys.file_of(platform.instance))
    if name == "notify":
        values |= _smtp(platform)
    return values


def _by_detours(platform: Platform) -> Platform:
    given = {server: int(port) for server, port in _pairs(DETOURS).items()}
    return replace(platform, ports=platform.ports | given)


def _pairs(variable: str) -> dict[str, str]:
    """`a=1,b=2` of our own environment as a mapping."""
    given = (each.partition("=") for each in os.environ.get(variable, "").split(",") if each)
    return {name: value for name, _, value in given}


def _store(platform: Platform, service: str) -> dict[str, str]:
    """A service's own key; documents is given those that sign upload links and prolong locks too."""
    keys = {"S3": service} | ({"S3_LINKS": "links", "S3_LOCKS": "locks"} if service == "documents" else {})
    values = {
        "S3_ENDPOINT": platform.s3_endpoint,
        "S3_PUBLIC_ENDPOINT": platform.s3_endpoint,
        "S3_BUCKET": platform.s3_bucket,
        "S3_INTAKE_BUCKET": platform.s3_intake_bucket,
        "S3_LOCK_MODE": "GOVERNANCE",
    }
    for prefix, user in keys.items():
        values[f"{prefix}_ACCESS_KEY"], values[f"{prefix}_SECRET_KEY"] = platform.store_keys(user)
    return values


def _smtp(platform: Platform) -> dict[str, str]:
    return {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(platform.ports["smtp"]),
        "SMTP_FROM": "eiso@ninhbinh.example",
    }


def of_migrations(platform: Platform, name: str) -> dict[str, str]:
    """For the one-shot that migrates: the owner's address, which no running process knows."""
    return {**of_service(platform, name), "DATABASE_OWNER_URL": platform.owner_url(name)}


def of_bootstrap(platform: Platform) -> dict[str, str]:
    """For the one-shot that enters the first administrator."""
    password = platform.passwords["bootstrap_admin"]
    return {**of_service(platform, "directory"), "BOOTSTRAP_ADMIN_PASSWORD": password}


def of_gateway(platform: Platform) -> dict[str, str]:
    """The gateway knows the broker and where health is asked; no database and no signing key."""
    platform = _by_detours(platform)
    targets = [f"{name}=http://127.0.0.1:{platform.ports[f'health_{name}']}" for name in SERVICES]
    port = platform.ports["gateway"]
    return {
        **_common(platform),
        "SERVICE": "gateway",
        "AMQP_URI": platform.amqp_uri("gateway"),
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "HEALTH_TARGETS": ",".join(targets),
        "DEMO_ACCOUNTS_FILE": str(platform.instance.accounts_file),
        "MAIL_SINK_URL": platform.mail_url,
        "PUBLIC_ORIGINS": ",".join(origins(platform)),
        "S3_PUBLIC_ENDPOINT": platform.s3_endpoint,
    }


def of_mailsink(platform: Platform) -> dict[str, str]:
    """Where the sink listens and keeps what it is handed."""
    return {
        "MAIL_FOLDER": str(platform.instance.mails),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(platform.ports["smtp"]),
        "MAIL_PAGE_PORT": str(platform.ports["mail_page"]),
    }
