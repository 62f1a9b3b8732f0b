"""The trail's arithmetic, pure: canonical bytes of a row, and the hash that joins it to the one before.

A change of these bytes would break every chain already sealed, so a test pins them.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

START = bytes(32)

CHAINED = (
    *("id", "recorded_at", "occurred_at", "agency_id", "actor_kind", "person_id", "position_id"),
    *("on_behalf_of", "action", "subject_type", "subject_id", "reason", "before", "after"),
    *("trace_id", "request_id", "cause"),
)


def canonical(row: Mapping[str, Any]) -> bytes:
    """A trail row as bytes that depend on its content alone."""
    content = {name: _plain(row[name]) for name in CHAINED}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """The hash of a row standing after the row whose hash is `previous`."""
    return sha256(previous + canonical(row)).digest()


def month_of(recorded_at: Any) -> date:
    """The month a row's chain belongs to: that of its recording, in UTC."""
    moment: date = recorded_at.astimezone(UTC).date()
    return moment.replace(day=1)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
