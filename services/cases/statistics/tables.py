"""The table of figures."""

from sqlalchemy import (
    Column,
    Date,
    Integer,
    Table,
    Uuid,
)

from services.cases.metadata import METADATA
from services.cases.statistics.domain import MEASURES

figures = Table(
    "figures",
    METADATA,
    Column("agency_id", Uuid, primary_key=True),
    Column("document_id", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),
    *(Column(measure, Integer, nullable=False) for measure in MEASURES),
)
