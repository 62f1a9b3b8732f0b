"""The kernel's tables as SQLAlchemy sees them; their DDL is `schema/`, and a test compares the two."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

KERNEL = MetaData()
MOMENT = DateTime(timezone=True)


def _now(name: str, primary_key: bool = False) -> Column[datetime]:
    return Column(name, MOMENT, nullable=False, server_default=func.now(), primary_key=primary_key)


outbox = Table(
    "outbox",
    KERNEL,
    _now("recorded_at", primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("event", JSONB, nullable=False),
    Column("occurred_at", MOMENT, nullable=False),
    Column("person_id", Uuid),
    Column("position_id", Uuid),
    Column("trace_id", Text),
    Column("cause_id", Uuid),
    Column("sequence", BigInteger),
    Column("published_at", MOMENT),
)
outbox_head = Table(
    "outbox_head",
    KERNEL,
    Column("only_row", Boolean, primary_key=True, server_default="true"),
    Column("sequence", BigInteger, nullable=False),
)
inbox = Table(
    "inbox",
    KERNEL,
    Column("consumer", Text, primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    _now("received_at"),
)
catch_up = Table(
    "catch_up",
    KERNEL,
    Column("source", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    _now("caught_up_at"),
)
commands = Table(
    "commands",
    KERNEL,
    Column("actor_id", Uuid, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("request_id", Uuid, primary_key=True),
    Column("body_hash", LargeBinary, nullable=False),
    Column("answer", JSONB(none_as_null=True)),
    _now("decided_at"),
)
trail = Table(
    "trail",
    KERNEL,
    _now("recorded_at", primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("occurred_at", MOMENT, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("person_id", Uuid),
    Column("position_id", Uuid),
    Column("on_behalf_of", Uuid),
    Column("action", Text, nullable=False),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("reason", Text),
    Column("before", JSONB(none_as_null=True)),
    Column("after", JSONB(none_as_null=True)),
    Column("trace_id", Text),
    Column("request_id", Uuid),
    Column("cause", Text),
)
trail_pending = Table(
    "trail_pending",
    KERNEL,
    Column("trail_id", Uuid, primary_key=True),
    Column("recorded_at", MOMENT, nullable=False),
)
trail_seals = Table(
    "trail_seals",
    KERNEL,
    Column("agency_id", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("trail_id", Uuid, nullable=False, unique=True),
    Column("recorded_at", MOMENT, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    _now("sealed_at"),
)
trail_heads = Table(
    "trail_heads",
    KERNEL,
    Column("agency_id", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
jobs = Table(
    "jobs",
    KERNEL,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("arguments", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("checkpoint", JSONB(none_as_null=True)),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer),
    Column("requested_by", Uuid),
    Column("agency_id", Uuid),
    Column("trace_id", Text),
    _now("created_at"),
    Column("started_at", MOMENT),
    Column("heartbeat_at", MOMENT),
    Column("finished_at", MOMENT),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("cancel_requested", Boolean, nullable=False, server_default="false"),
)
uploads = Table(
    "uploads",
    KERNEL,
    Column("id", Uuid, primary_key=True),
    Column("agency_id", Uuid, nullable=False),
    Column("person_id", Uuid),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version_id", Text),
    Column("fault", Text),
    Column("locked_until", MOMENT),
    _now("reserved_at"),
    Column("expires_at", MOMENT, nullable=False),
    Column("confirmed_at", MOMENT),
)
ended_authority = Table(
    "ended_authority",
    KERNEL,
    Column("basis", Text, primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("until", MOMENT, nullable=False),
    Column("noted_in", BigInteger, nullable=False, server_default=text("pg_current_xact_id()::text::bigint")),
)


def kernel_metadata() -> MetaData:
    """A new MetaData that already holds the kernel's tables, for a service to add its own to."""
    metadata = MetaData()
    for table in KERNEL.sorted_tables:
        table.to_metadata(metadata)
    return metadata
