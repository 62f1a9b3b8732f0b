"""The tables of management reviews and their tasks, and their mapping onto the domain."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Table, Text, Uuid

from contracts.audits.reviews import ReviewInputView, ReviewState, TaskState
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.audits.metadata import MAPPED, METADATA, children
from services.audits.reviews.domain import Review, ReviewTask

reviews = Table(
    "reviews",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("first_agency_id", Uuid),
    Column("title", Text, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("state", Word(ReviewState), nullable=False),
    Column("inputs", Shape(list[ReviewInputView]), nullable=False),
    Column("inputs_frozen_at", MOMENT),
    Column("conclusion", Text),
    Column("is_effective", Boolean),
    Column("concluded_by", Uuid),
    Column("concluded_at", MOMENT),
    Column("changes", Integer, nullable=False),
)
review_tasks = Table(
    "review_tasks",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("review_id", Uuid, ForeignKey("reviews.id"), nullable=False),
    Column("decision", Text, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("decided_at", MOMENT, nullable=False),
    Column("state", Word(TaskState), nullable=False),
    Column("done_by", Uuid),
    Column("done_at", MOMENT),
    Column("done_note", Text),
)

MAPPED.map_imperatively(ReviewTask, review_tasks)

MAPPED.map_imperatively(
    Review,
    reviews,
    version_id_col=reviews.c.version,
    properties={"tasks": children(ReviewTask, review_tasks.c.decided_at)},
)
