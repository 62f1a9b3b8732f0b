"""The table of daily digests."""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Integer,
    Table,
    Uuid,
)
from sqlalchemy.orm import registry

from kernel.data.tables import MOMENT
from services.notify.deliveries.domain import Delivery
from services.notify.deliveries.tables import deliveries
from services.notify.metadata import METADATA

digests = Table(
    "digests",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    Column("after_number", Integer, nullable=False),
    Column("to_number", Integer, nullable=False),
    Column("notices", Integer, nullable=False),
    Column("unread_before", Integer, nullable=False),
    Column("made_at", MOMENT, nullable=False),
    Column("delivery_id", Uuid, ForeignKey("deliveries.id"), nullable=False),
)
registry(metadata=METADATA).map_imperatively(Delivery, deliveries)
