"""Anchoring: once a day the heads of all chains go into a locked object, out of the database's reach.

A chain alone cannot show that its owner rewrote all of it, head included; the anchor can.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from kernel.base import wire
from kernel.data.store import ObjectStore
from kernel.data.tables import trail_heads
from kernel.life.crash import crash_point
from kernel.work.call import Call

FOLDER = "trail-anchors"


@dataclass(kw_only=True)
class Head:
    """Where a chain of one agency and month stood, its hash in hexadecimal."""

    agency_id: UUID
    month: date
    position: int
    hash: str


@dataclass(kw_only=True)
class Anchor:
    """The heads of a service's chains at one moment."""

    service: str
    anchored_at: datetime
    heads: list[Head]


def anchor_heads(call: Call) -> int:
    """Anchor today's heads, once a day (UTC); how many. Nothing sealed yet: it is asked again."""
    now = call.real_now()
    key = f"{_folder(call.service)}{now:%Y-%m-%d}.json"
    mine = call.session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext("role:anchor"))))
    if not mine or call.store.first_versions(key):
        return 0
    heads = _heads(call)
    if heads:
        crash_point("anchor.before_put")
        body = wire.encode(Anchor(service=call.service, anchored_at=now, heads=heads))
        until = now + timedelta(days=call.settings.anchor_lock_days)
        call.store.put(key, body, "application/json", until)
    return len(heads)


def anchors_of(store: ObjectStore, service: str) -> Iterator[Anchor]:
    """Every anchor of a service, oldest day first, each as it was first written."""
    for key, version_id in store.first_versions(_folder(service)).items():
        yield wire.load(Anchor, wire.decode(store.read(key, version_id)))


def _folder(service: str) -> str:
    return f"{FOLDER}/{service}/"


def _heads(call: Call) -> list[Head]:
    rows = call.session.execute(select(trail_heads).order_by(trail_heads.c.agency_id, trail_heads.c.month))
    return [Head(agency_id=r.agency_id, month=r.month, position=r.position, hash=r.hash.hex()) for r in rows]
