"""What every aggregate can do: record facts, and show its state for the trail."""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar
from uuid import UUID

from contracts.base import Event


@dataclass(eq=False, kw_only=True)
class Aggregate:
    """A thing that changes as a whole; `version` rises by one with every saved change."""

    SECRET: ClassVar[frozenset[str]] = frozenset()

    id: UUID
    version: int = 0

    @property
    def trail_agency(self) -> UUID | None:
        """The agency in whose trail a change of this aggregate is chained."""
        return getattr(self, "agency_id", None)

    def record(self, event: Event) -> None:
        """Remember a fact; it reaches the event log with the transaction that makes it true."""
        self.__dict__.setdefault("_recorded", []).append(event)

    def drain(self) -> list[Event]:
        """Take the recorded facts out, oldest first."""
        recorded: list[Event] = self.__dict__.pop("_recorded", [])
        return recorded

    def snapshot(self) -> dict[str, Any]:
        """The state as the trail shows it, without secrets."""
        hidden = self.SECRET | {"version"}
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in hidden}


def _plain(value: Any) -> Any:
    """Children as their fields: what a mapper has put on them is no part of their state."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return [_plain(each) for each in value] if isinstance(value, list) else value
