"""Settings: read once from the environment, checked at once, every missing or wrong one named."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

Url = Annotated[str, Meta(pattern=r"^[a-z0-9+]+://")]
BrokerUrl = Annotated[str, Meta(pattern="^amqp://")]
"""No `amqps://`: the clients would connect in plain text and say nothing of it."""
Port = Annotated[int, Meta(ge=1, le=65535)]
S = TypeVar("S")


class Mode(StrEnum):
    """Where the process runs; production refuses what only tests and demonstrations may do."""

    LOCAL = "local"
    TEST = "test"
    PRODUCTION = "production"


class BadSettings(SystemExit):
    """The environment lacks settings or holds wrong ones; the message names each."""


@dataclass(frozen=True, kw_only=True)
class LifeSettings:
    """The settings of every process. Names are the environment variables' in lower case."""

    eiso_mode: Mode
    log_level: str = "INFO"
    log_format: str = "json"
    business_clock_file: str | None = None
    traces_to: Annotated[str, Meta(pattern=r"^((file|https?)://.+)?$")] = ""
    traces_share: Annotated[float, Meta(ge=0, le=1)] = 1.0


@dataclass(frozen=True, kw_only=True)
class Settings(LifeSettings):
    """The settings of every service; no default is a secret.

    The store has two addresses: where services reach it, and what stands in presigned links.
    """

    amqp_uri: BrokerUrl
    database_url: Url
    grant_jwks_file: str
    health_host: str = "127.0.0.1"
    health_port: Port
    max_workers: Annotated[int, Meta(ge=1, le=64)] = 10
    database_pool: Annotated[int, Meta(ge=1, le=64)] = 10
    retry_tiers: Annotated[str, Meta(pattern=r"^\d+(\.\d+)?(,\d+(\.\d+)?)*$")] = "10,60,600,3600"
    rpc_queue_type: Annotated[str, Meta(pattern="^(quorum|classic)$")] = "quorum"
    max_message_bytes: Annotated[int, Meta(ge=1024)] = 1_048_576
    call_seconds: Annotated[float, Meta(gt=0)] = 30.0
    statement_seconds: Annotated[float, Meta(gt=0)] = 60.0
    amqp_heartbeat: Annotated[int, Meta(ge=2)] = 10
    sample_seconds: Annotated[float, Meta(gt=0)] = 5.0
    s3_endpoint: Url
    s3_public_endpoint: Url
    s3_access_key: str
    s3_secret_key: str
    s3_bucket: str
    s3_intake_bucket: str = ""
    s3_links_access_key: str = ""
    s3_links_secret_key: str = ""
    s3_locks_access_key: str = ""
    s3_locks_secret_key: str = ""
    s3_lock_mode: Annotated[str, Meta(pattern="^(GOVERNANCE|COMPLIANCE)$")]
    anchor_lock_days: Annotated[int, Meta(ge=1)] = 366

    @property
    def tiers(self) -> tuple[float, ...]:
        """Seconds to wait before each further try of a reaction that failed."""
        return tuple(float(part) for part in self.retry_tiers.split(","))


def from_environ(cls: type[S], environ: Mapping[str, str] = os.environ) -> S:
    """A `cls` from the environment; unknown variables are ignored, bad ones named all together."""
    known = {name.lower(): value for name, value in environ.items() if value != ""}
    wanted = {f.name: known[f.name] for f in fields(cls) if f.name in known}  # type: ignore[arg-type]
    faults = [*_missing(cls, wanted), *_wrong(cls, wanted)]
    if faults:
        raise BadSettings("Cấu hình sai / bad settings:\n  " + "\n  ".join(faults))
    return msgspec.convert(wanted, cls, strict=False)


def _missing(cls: type[Any], wanted: Mapping[str, str]) -> list[str]:
    required = (f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING)
    return [f"{name.upper()}: thiếu / missing" for name in required if name not in wanted]


def _wrong(cls: type[Any], wanted: Mapping[str, str]) -> list[str]:
    faults = []
    types = {f.name: f.type for f in fields(cls)}
    for name, value in wanted.items():
        try:
            msgspec.convert(value, types[name], strict=False)
        except msgspec.ValidationError as error:
            faults.append(f"{name.upper()}: {_IN_WORDS.get(types[name], str(error))}")
    return faults


_IN_WORDS: dict[Any, str] = {
    BrokerUrl: "cần amqp://, amqps:// chưa được hỗ trợ nên bị từ chối / amqp:// is needed; amqps:// is not "
    "supported yet and refused, since the connection would not be encrypted"
}
