"""The table of links between agencies, and its mapping onto the domain."""

from sqlalchemy import (
    Column,
    Date,
    Integer,
    Table,
    Text,
    Uuid,
)

from services.cases.links.domain import AgencyLink
from services.cases.metadata import MAPPED, METADATA

agency_links = Table(
    "agency_links",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("receiving_agency_id", Uuid, nullable=False),
    Column("basis", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
)

MAPPED.map_imperatively(AgencyLink, agency_links, version_id_col=agency_links.c.version)
