"""Checking the trail: every chain recomputed from its rows; what was changed, removed or put in is named."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, func, select, tuple_

from kernel.data.tables import trail, trail_heads, trail_pending, trail_seals
from kernel.trust import chain
from kernel.work.anchor import Anchor

STRIDE = 1000


@dataclass(frozen=True, kw_only=True)
class Break:
    """One place where the trail is not what was sealed; `code` is an entry of the catalogue."""

    code: str
    agency_id: UUID
    month: date
    position: int | None
    trail_id: UUID | None


@dataclass(kw_only=True)
class Verdict:
    """What the check found: rows that stand in unbroken chains, rows not yet sealed, and breaks."""

    sealed: int
    unsealed: int
    breaks: list[Break]


def verify(
    connection: Connection,
    subject_id: UUID | None = None,
    anchors: Iterable[Anchor] = (),
    went_on: Callable[[int], object] = int,
) -> Verdict:
    """Check every chain and anchor, or the chains that hold rows about one subject. Reads only.

    `went_on` is called with how many rows more were checked.
    """
    breaks: list[Break] = []
    sealed = 0
    for agency_id, month in _chains(connection, subject_id):
        count, found = _check(connection, agency_id, month, went_on)
        sealed += count
        breaks += found
    breaks += [broken for anchor in anchors for broken in _adrift(connection, anchor)]
    unsealed = _without_seal(connection)
    meant = [row for row in unsealed if subject_id in (None, row.subject_id)]
    breaks += [_put_in(row) for row in meant if not row.waits]
    return Verdict(sealed=sealed, unsealed=len(unsealed), breaks=breaks)


def _chains(connection: Connection, subject_id: UUID | None) -> list[tuple[UUID, date]]:
    chains = select(trail_seals.c.agency_id, trail_seals.c.month).distinct()
    if subject_id is not None:
        about = select(trail.c.id).where(trail.c.subject_id == subject_id)
        chains = chains.where(trail_seals.c.trail_id.in_(about))
    heads = select(trail_heads.c.agency_id, trail_heads.c.month)
    found = connection.execute(chains if subject_id else chains.union(heads)).all()
    return sorted((row.agency_id, row.month) for row in found)


def size(connection: Connection) -> int:
    """How many rows the chains hold, as their heads say, so that an operator sees how far the check is."""
    return int(connection.scalar(select(func.sum(trail_heads.c.position))) or 0)


def _check(
    connection: Connection, agency_id: UUID, month: date, went_on: Callable[[int], object]
) -> tuple[int, list[Break]]:
    previous, position, breaks = chain.START, 0, []

    def broken(code: str, seal: Any) -> Break:
        return Break(
            code=code, agency_id=agency_id, month=month, position=seal["position"], trail_id=seal["trail_id"]
        )

    for seal, row in _sealed_rows(connection, agency_id, month):
        position += 1
        if position % STRIDE == 0:
            went_on(STRIDE)
        if seal["position"] != position or seal["previous_hash"] != previous:
            breaks.append(broken("trail_seal_out_of_place", seal))
            position = seal["position"]
        if row is None:
            breaks.append(broken("trail_row_missing", seal))
        elif chain.link(seal["previous_hash"], row) != seal["hash"]:
            breaks.append(broken("trail_row_changed", seal))
        previous = seal["hash"]
    went_on(position % STRIDE)
    head = connection.execute(
        select(trail_heads.c.position, trail_heads.c.hash).where(
            trail_heads.c.agency_id == agency_id, trail_heads.c.month == month
        )
    ).first()
    if head is None or (head.position, head.hash) != (position, previous):
        breaks.append(
            Break(code="trail_tail_cut", agency_id=agency_id, month=month, position=position, trail_id=None)
        )
    return position, breaks


def _sealed_rows(connection: Connection, agency_id: UUID, month: date) -> Iterator[tuple[Any, Any]]:
    joined = (
        select(trail_seals, *(trail.c[name].label(f"row_{name}") for name in chain.CHAINED))
        .outerjoin(
            trail, (trail.c.id == trail_seals.c.trail_id) & (trail.c.recorded_at == trail_seals.c.recorded_at)
        )
        .where(trail_seals.c.agency_id == agency_id, trail_seals.c.month == month)
        .order_by(trail_seals.c.position)
        .execution_options(yield_per=2000)
    )
    for found in connection.execute(joined).mappings():
        row = {name: found[f"row_{name}"] for name in chain.CHAINED}
        yield found, (row if row["id"] is not None else None)


def _adrift(connection: Connection, anchor: Anchor) -> list[Break]:
    """Anchored heads that the chains of today no longer pass through."""
    seals = trail_seals.c
    places = select(seals.agency_id, seals.month, seals.position, seals.hash).where(
        tuple_(seals.agency_id, seals.month, seals.position).in_(
            [(head.agency_id, head.month, head.position) for head in anchor.heads]
        )
    )
    held = {(row.agency_id, row.month, row.position): row.hash.hex() for row in connection.execute(places)}
    return [
        Break(
            code="trail_anchor_differs",
            agency_id=head.agency_id,
            month=head.month,
            position=head.position,
            trail_id=None,
        )
        for head in anchor.heads
        if held.get((head.agency_id, head.month, head.position)) != head.hash
    ]


def _without_seal(connection: Connection) -> list[Any]:
    """Rows that no seal names, and whether a sealer was to seal each."""
    sealed = exists().where(trail_seals.c.trail_id == trail.c.id)
    waits = exists().where(trail_pending.c.trail_id == trail.c.id)
    columns = [trail.c[name] for name in ("id", "agency_id", "recorded_at", "subject_id")]
    rows = select(*columns, waits.label("waits")).where(~sealed)
    return list(connection.execute(rows.order_by(trail.c.recorded_at, trail.c.id)))


def _put_in(row: Any) -> Break:
    """A row without a seal that no sealer was to seal: put in past the application, or robbed of its seal."""
    return Break(
        code="trail_row_without_seal",
        agency_id=row.agency_id,
        month=chain.month_of(row.recorded_at),
        position=None,
        trail_id=row.id,
    )
