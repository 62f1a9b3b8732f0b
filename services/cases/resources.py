"""What a process of cases keeps in memory: the calendars it has read, which never change once stored."""

from dataclasses import dataclass, field

from worktime.calendar import Calendar


@dataclass
class Resources:
    """Calendars by version, and the version that is the newest."""

    calendars: dict[int, Calendar] = field(default_factory=dict)
    newest: int | None = None


def make_resources(settings: object) -> Resources:
    """Nothing is read before it is needed."""
    return Resources()
