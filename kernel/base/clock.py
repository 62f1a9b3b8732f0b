"""The only module that asks what time it is: real time, and business time that tests may set."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class ProductionClock(RuntimeError):
    """Business time may not be set in production."""


_file: Path | None = None
_seen: tuple[int, dict[str, Any]] = (0, {})


def configure(mode: str, path: str | None) -> None:
    """Use the clock file that all processes of a local platform share; production refuses one."""
    global _file, _seen
    if mode == "production" and path:
        raise ProductionClock("BUSINESS_CLOCK_FILE is set although EISO_MODE is production")
    _file, _seen = (Path(path) if path else None), (0, {})


def now() -> datetime:
    """Real time, UTC: for tokens, expiry, retries and logs."""
    return datetime.now(UTC)


def business_now() -> datetime:
    """Business time, UTC: for due dates and effective dates."""
    setting = _setting()
    if not setting:
        return now()
    # An operator may have given the moment in Vietnam's time.
    set_to = datetime.fromisoformat(setting["set_to"]).astimezone(UTC)
    if setting["frozen"]:
        return set_to
    return set_to + (now() - datetime.fromisoformat(setting["set_at"]))


def today() -> date:
    """The business date in Vietnam."""
    return business_now().astimezone(VIETNAM).date()


def is_shifted() -> bool:
    """Whether business time was set apart from real time."""
    return bool(_setting())


def shift_to(path: Path, moment: datetime, *, frozen: bool) -> None:
    """Set business time for every process that shares `path`; takes effect at once."""
    setting = {"set_to": moment.isoformat(), "set_at": now().isoformat(), "frozen": frozen}
    _replace(path, json.dumps(setting))


def unshift(path: Path) -> None:
    """Let business time be real time again."""
    path.unlink(missing_ok=True)


def advance(path: Path, by: timedelta) -> datetime:
    """Move business time forward; returns the new moment. A frozen clock stays frozen."""
    setting = json.loads(path.read_text()) if path.exists() else {}
    base = datetime.fromisoformat(setting["set_to"]) if setting else now()
    if setting and not setting["frozen"]:
        base += now() - datetime.fromisoformat(setting["set_at"])
    shift_to(path, base + by, frozen=bool(setting and setting["frozen"]))
    return base + by


def _replace(path: Path, content: str) -> None:
    """Readers see the old or the new setting, never half of one."""
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(content)
    draft.replace(path)


def _setting() -> dict[str, Any]:
    """The clock file's content, read again only when the file was replaced."""
    global _seen
    if _file is None:
        return {}
    try:
        stamp = _file.stat()
    except FileNotFoundError:
        return {}
    key = stamp.st_mtime_ns ^ stamp.st_ino
    if key != _seen[0]:
        _seen = (key, json.loads(_file.read_text()))
    return _seen[1]
