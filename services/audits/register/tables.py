"""The numbers that an agency's register has given out."""

from sqlalchemy import Column, Integer, Table, Uuid

from services.audits.metadata import METADATA

# The next number of each agency's register in a year.
numbering = Table(
    "numbering",
    METADATA,
    Column("agency_id", Uuid, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)
