"""The tables of notices and of each person's last number."""

from sqlalchemy import (
    Column,
    Integer,
    Table,
    Text,
    Uuid,
)

from kernel.data.tables import MOMENT
from services.notify.metadata import METADATA

notice_heads = Table(
    "notice_heads",
    METADATA,
    Column("person_id", Uuid, primary_key=True),
    Column("last_number", Integer, nullable=False),
    # How far digests went, and since when something waits for the next one.
    Column("covered_number", Integer, nullable=False, server_default="0"),
    Column("waiting_since", MOMENT),
)
notices = Table(
    "notices",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("cause_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("subject_en", Text, nullable=False),
    Column("body_en", Text, nullable=False),
    Column("about_id", Uuid, nullable=False),
    Column("about_type", Text, nullable=False),
    Column("posted_at", MOMENT, nullable=False),
    Column("read_at", MOMENT),
)
