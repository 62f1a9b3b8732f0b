"""Notify's settings beside those of every service: the mail server, and how patient to be with it."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from kernel.life.settings import Port, Settings

Address = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]


@dataclass(frozen=True, kw_only=True)
class NotifySettings(Settings):
    """`mail_waits` are the seconds before each further try; after the last the delivery has failed."""

    smtp_host: str
    smtp_port: Port
    smtp_from: Address
    smtp_starttls: bool = False
    smtp_username: str | None = None
    smtp_password: str | None = None
    smtp_seconds: Annotated[float, Meta(gt=0, le=120)] = 10.0
    mail_waits: Annotated[str, Meta(pattern=r"^\d+(\.\d+)?(,\d+(\.\d+)?)*$")] = "30,120,600,3600,14400,43200"
    mail_batch: Annotated[int, Meta(ge=1, le=500)] = 20

    @property
    def waits(self) -> tuple[float, ...]:
        """Seconds to wait before each further try."""
        return tuple(float(part) for part in self.mail_waits.split(","))
