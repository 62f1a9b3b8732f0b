"""What cases know of procedures: every revision ever issued."""

from sqlalchemy import (
    Column,
    Date,
    Integer,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from contracts.documents.procedures import ProcedureContent
from kernel.data.columns import Shape
from services.cases.metadata import METADATA

procedures = Table(
    "procedures",
    METADATA,
    Column("revision_id", Uuid, primary_key=True),
    Column("document_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("tthc_code", Text),
    Column("distribution", ARRAY(Uuid), nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date),
    Column("content", Shape(ProcedureContent)),
)
