"""What the home page shows, and how the files of the demonstration's loader are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.directory.access import ClockView
from gateway.edge.health import ProcessState


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """An account of the demonstration province, as its loader wrote it down."""

    username: str
    password: str
    name: str
    title: str
    agency: str
    roles: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the loader of the demonstration's data is, as it wrote it down."""

    phase: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Home:
    """What the page shows."""

    language: str
    processes: Sequence[ProcessState]
    clock: ClockView | None
    accounts: Sequence[DemoAccount] | None
    progress: Progress | None
    mail_url: str | None
    has_graphiql: bool
    trace_id: str


def accounts_from(raw: Sequence[Mapping[str, object]]) -> list[DemoAccount]:
    """The accounts as their file lists them; what is not needed here is left out."""
    return [
        DemoAccount(
            username=str(one["username"]),
            password=str(one["password"]),
            name=str(one["name"]),
            title=str(one["title"]),
            agency=str(one["agency"]),
            roles=tuple(str(role) for role in _list(one.get("roles"))),
        )
        for one in raw
    ]


def progress_from(raw: Mapping[str, object], language: str) -> Progress | None:
    """How far the loader is; None when it has finished."""
    done, total = raw["done"], raw["total"]
    if not isinstance(done, int) or not isinstance(total, int) or not 0 <= done <= total:
        raise ValueError(f"done {done!r}, total {total!r}")
    return (
        None
        if raw["finished"] is True
        else Progress(phase=str(raw[f"phase_{language}"]), done=done, total=total)
    )


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []
