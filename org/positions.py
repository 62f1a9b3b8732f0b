"""Who holds which position until when, as services keep it: one shape, and what each needs beside it."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Integer, MetaData, Table, Uuid
from sqlalchemy.orm import Session

from contracts.directory.events import PositionChanged
from kernel.data.projection import upsert


def positions_table(metadata: MetaData, *more: Column[Any]) -> Table:
    """The table of a service's copy; `more` columns hold what only this service asks of a position."""
    return Table(
        "positions",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("person_id", Uuid, nullable=False),
        Column("agency_id", Uuid, nullable=False),
        *more,
        Column("held_from", Date, nullable=False),
        Column("held_to", Date),
        Column("version", Integer, nullable=False),
    )


def project_position(
    session: Session, table: Table, event: PositionChanged, version: int, **more: Any
) -> bool:
    """Keep the holding as this version says; False, and no change, where a newer one is known."""
    position_id: UUID = event.position_id
    held = {
        "person_id": event.person_id,
        "agency_id": event.agency_id,
        "held_from": event.held_from,
        "held_to": event.held_to,
    }
    return upsert(session, table, {"id": position_id}, version, held | more)
