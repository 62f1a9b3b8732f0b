"""The table of e-mails, and their state."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
    Uuid,
)

from contracts.notify.deliveries import DeliveryState
from kernel.data.columns import Word
from kernel.data.tables import MOMENT
from services.notify.metadata import METADATA

deliveries = Table(
    "deliveries",
    METADATA,
    Column("id", Uuid, primary_key=True),
    # None where the letter is a digest, which knows its delivery itself.
    Column("notice_id", Uuid, ForeignKey("notices.id")),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("state", Word(DeliveryState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", MOMENT),
    Column("sent_at", MOMENT),
    Column("last_error", Text),
    Column("trace_id", Text),
    Column("queued_at", MOMENT, nullable=False),
)
