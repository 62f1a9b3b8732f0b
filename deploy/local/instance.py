"""An instance: one folder under `.local/` that holds everything a private platform keeps."""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from deploy.platform.names import ROOT

__all__ = ["NAMES", "ROOT", "Instance", "is_observed"]

NAMES = ("run", "story", "test")


@dataclass(frozen=True, kw_only=True)
class Instance:
    """Where one platform keeps its data, ports, secrets and logs."""

    name: str
    folder: Path

    @classmethod
    def named(cls, name: str) -> "Instance":
        """The instance of this copy of the project; names are letters, digits and hyphens."""
        if not name.replace("-", "").isalnum():
            raise ValueError(f"instance name {name!r}: only letters, digits and hyphens")
        return cls(name=name, folder=ROOT / ".local" / name)

    @property
    def platform_file(self) -> Path:
        return self.folder / "platform.json"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def environment(self) -> Path:
        return self.folder / "env"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def pids(self) -> Path:
        return self.folder / "pid"

    @property
    def mails(self) -> Path:
        return self.folder / "mails"

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock.json"

    @property
    def accounts_file(self) -> Path:
        return self.folder / "accounts.json"

    @property
    def traces(self) -> Path:
        """Where processes leave their spans, as OTLP in lines."""
        return self.folder / "traces"

    @property
    def half_restored(self) -> Path:
        """As `deploy.platform` knows it, also where there is no platform yet."""
        return self.folder / "half-restored"

    @property
    def digest(self) -> str:
        """A short name of the folder, for what must be unique on the machine."""
        return sha256(str(self.folder).encode()).hexdigest()[:12]

    def make(self) -> None:
        """Make the folders; only their owner may list them. The servers' account passes through."""
        made = [each for each in (self.folder, *self.folder.parents) if not each.exists()]
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in made:
            path.chmod(0o711)  # whatever the umask: else the servers' account could not get through
        for path in (self.keys, self.environment, self.logs, self.pids, self.mails):
            path.mkdir(mode=0o700, exist_ok=True)


def is_observed() -> bool:
    """Whether this start was asked to watch the platform."""
    return os.environ.get("EISO_OBSERVE", "") not in ("", "0")
