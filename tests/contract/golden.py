"""Writes the golden file of every topic that has none (`make golden`); one once there is never edited."""

import sys
from dataclasses import fields
from datetime import date, datetime
from enum import EnumMeta
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from contracts import every
from contracts.base import EVENTS, Envelope
from kernel.base import wire

HERE = Path(__file__).parent / "golden"
ROOT = Path(__file__).resolve().parents[2]

SAMPLES: dict[Any, Any] = {
    str: "Quy trình QTTP-20",
    int: 2,
    float: 0.5,
    bool: False,
    UUID: UUID("6f2c1d9e-3f51-4a57-9d0a-0d6a4c9c7a11"),
    date: date(2026, 8, 10),
    datetime: datetime.fromisoformat("2026-08-10T01:00:00+00:00"),
}


BY_NAME = {"tthc_code": "1.012644", "code": "QTTP-20"}


def every_event() -> dict[str, type]:
    """Every topic, with all contracts imported."""
    every.load()
    return {topic: cls for topic, cls in EVENTS.items() if cls.__module__.startswith("contracts.")}


def sample(kind: Any) -> Any:
    """A value of that type, every optional field filled."""
    origin = get_origin(kind)
    if origin is Annotated:
        return sample(get_args(kind)[0])
    if origin in (Union, UnionType):
        return sample(next(each for each in get_args(kind) if each is not NoneType))
    if origin in (list, tuple):
        return [sample(get_args(kind)[0])]
    if isinstance(kind, EnumMeta):
        return next(iter(kind))
    if kind in SAMPLES:
        return SAMPLES[kind]
    hints = get_type_hints(kind, include_extras=True)
    return {each.name: BY_NAME.get(each.name) or sample(hints[each.name]) for each in fields(kind)}


def message(topic: str, cls: type) -> dict[str, Any]:
    """A whole message as it is on the bus."""
    return {"envelope": sample(Envelope) | {"topic": topic}, "event": sample(cls)}


def main() -> int:
    """Write what is missing; names what was written."""
    for topic, cls in every_event().items():
        path = HERE / f"{topic}.json"
        if not path.exists():
            import msgspec

            path.write_bytes(msgspec.json.format(wire.encode(message(topic, cls)), indent=2) + b"\n")
            print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
