"""What notify's reactions and sweeps work with: the rules and the mail server."""

from dataclasses import dataclass

from services.notify import rules
from services.notify.deliveries.mailer import Mailer
from services.notify.digests.domain import DigestRule
from services.notify.rules import Rules
from services.notify.settings import NotifySettings


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Made once per process."""

    rules: Rules
    digests: tuple[DigestRule, ...]
    mailer: Mailer
    waits: tuple[float, ...]
    batch: int


def make_resources(settings: NotifySettings) -> Resources:
    """Read and check the rules; the mail server is spoken to only when there is mail."""
    return Resources(
        rules=rules.audiences(),
        digests=rules.digests(),
        mailer=Mailer.of(settings),
        waits=settings.waits,
        batch=settings.mail_batch,
    )
