"""The environment of each process on this machine, a file each; `deploy/env.example` explains each name."""

import os
from dataclasses import replace
from pathlib import Path

from deploy.local.platform import SERVICES, Platform
from deploy.platform import environment

DETOURS = "EISO_DETOURS"
"""Ports at which processes find servers instead of the servers' own (`amqp=21000,s3=21001`): what tests
put in between. Who builds and looks after the servers goes straight."""
ALSO = "EISO_PROCESSES_ALSO"
"""More settings for every process (`NAME=value,NAME=value`), from tests with odd surroundings."""


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


def of_service(platform: Platform, name: str) -> dict[str, str]:
    """What a service needs anywhere, on the loopback, with mails into the sink."""
    values = {
        **environment.of_service(_by_detours(platform), name),
        "HEALTH_HOST": "127.0.0.1",
        **_pairs(ALSO),
    }
    if folder := os.environ.get("EISO_CRASH_FOLDER"):
        values["CRASH_FILE"] = str(Path(folder) / name)
    return values


def _by_detours(platform: Platform) -> Platform:
    given = {server: int(port) for server, port in _pairs(DETOURS).items()}
    return replace(platform, ports=platform.ports | given)


def _pairs(variable: str) -> dict[str, str]:
    """`a=1,b=2` of our own environment as a mapping."""
    given = (each.partition("=") for each in os.environ.get(variable, "").split(",") if each)
    return {name: value for name, _, value in given}


def of_migrations(platform: Platform, name: str) -> dict[str, str]:
    """For the one-shot that migrates: the owner's address, which no running process knows."""
    return {**of_service(platform, name), "DATABASE_OWNER_URL": platform.owner_url(name)}


def of_bootstrap(platform: Platform) -> dict[str, str]:
    """For the one-shot that enters the first administrator."""
    password = platform.passwords["bootstrap_admin"]
    return {**of_service(platform, "directory"), "BOOTSTRAP_ADMIN_PASSWORD": password}


def of_gateway(platform: Platform) -> dict[str, str]:
    """What the gateway needs anywhere, and what only a demonstration shows."""
    return {
        **environment.of_gateway(_by_detours(platform)),
        **_pairs(ALSO),
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(platform.ports["gateway"]),
        "DEMO_ACCOUNTS_FILE": str(platform.instance.accounts_file),
        "MAIL_SINK_URL": platform.mail_url,
    }


def of_mailsink(platform: Platform) -> dict[str, str]:
    """Where the sink listens and keeps what it is handed."""
    return {
        "MAIL_FOLDER": str(platform.instance.mails),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(platform.ports["smtp"]),
        "MAIL_PAGE_PORT": str(platform.ports["mail_page"]),
    }
