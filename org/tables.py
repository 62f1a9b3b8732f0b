"""The tables in which every service keeps what it knows of the organisation (DDL: the kernel's schema)."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)

from kernel.data.tables import kernel_metadata

ORG = MetaData()

agency_nodes = Table(
    "agency_nodes",
    ORG,
    Column("id", Uuid, primary_key=True),
    Column("parent_id", Uuid),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("version", Integer, nullable=False),
)
agency_places = Table(
    "agency_places",
    ORG,
    Column("agency_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("parent_id", Uuid),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
)
agency_successions = Table(
    "agency_successions",
    ORG,
    Column("predecessor_id", Uuid, primary_key=True),
    Column("successor_id", Uuid, primary_key=True),
    Column("began_on", Date, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("goes_on", Boolean, nullable=False),
    Column("reorganisation_id", Uuid, nullable=False),
)
agency_heirs = Table(
    "agency_heirs",
    ORG,
    Column("agency_id", Uuid, primary_key=True),
    Column("heir_id", Uuid, nullable=False),
    Column("since", Date, nullable=False),
    Column("basis", Text, nullable=False),
    Column("reorganisation_id", Uuid, nullable=False),
)
agency_closure = Table(
    "agency_closure",
    ORG,
    Column("ancestor_id", Uuid, primary_key=True),
    Column("descendant_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
)


def org_metadata() -> MetaData:
    """A new MetaData with the tables of kernel and organisation, for a service to add its own to."""
    metadata = kernel_metadata()
    for table in ORG.sorted_tables:
        table.to_metadata(metadata)
    return metadata
