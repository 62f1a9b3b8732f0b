"""Notify's tables: its copy of who holds what, the notices, the digests, and the e-mails sent for them."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.orm import registry

from contracts.notify.deliveries import DeliveryState
from kernel.data.columns import Word
from kernel.data.tables import MOMENT
from org.tables import org_metadata
from services.notify.domain.delivery import Delivery

METADATA = org_metadata()


people = Table(
    "people",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("full_name", Text, nullable=False),
    Column("email", Text),
    Column("version", Integer, nullable=False),
)

positions = Table(
    "positions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("agency_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("held_from", Date, nullable=False),
    Column("held_to", Date),
    Column("version", Integer, nullable=False),
)

position_roles = Table(
    "position_roles",
    METADATA,
    Column("position_id", Uuid, ForeignKey("positions.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("agency_id", Uuid, primary_key=True),
    Column("with_subtree", Boolean, nullable=False),
)

# What gives somebody roles beside the positions they hold: a grant in person, a delegation.
capacities = Table(
    "capacities",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("version", Integer, nullable=False),
)

capacity_roles = Table(
    "capacity_roles",
    METADATA,
    Column("capacity_id", Uuid, ForeignKey("capacities.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("agency_id", Uuid, primary_key=True),
    Column("with_subtree", Boolean, nullable=False),
)

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
