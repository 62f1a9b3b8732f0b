"""What the service works with beside its database: settings of the store, and the store."""

from dataclasses import dataclass

from kernel.data.store import ObjectStore
from kernel.life.settings import Settings, StoreSettings


@dataclass(frozen=True, kw_only=True)
class DocumentsSettings(StoreSettings, Settings):
    """A service's settings and those of the object store."""


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Handed to every handler as `call.tools`."""

    store: ObjectStore


def equip(settings: DocumentsSettings) -> Tools:
    """The tools, from the settings."""
    return Tools(
        store=ObjectStore(
            inside=settings.s3_endpoint,
            outside=settings.s3_public_endpoint,
            access=settings.s3_access_key,
            secret=settings.s3_secret_key,
            bucket=settings.s3_bucket,
            lock_mode=settings.s3_lock_mode,
        )
    )
