"""The tables of agencies and their periods, and the mapping onto the domain."""

from typing import Any

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Integer,
    Table,
    Text,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapper, relationship

from contracts.directory.staff import StandardDuty
from kernel.base.text import fold
from kernel.data.columns import Word
from services.directory.agencies.domain.agency import Agency, AgencyPeriod
from services.directory.metadata import MAPPED, METADATA

agencies = Table(
    "agencies",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("changed_on", Date),
)
agency_periods = Table(
    "agency_periods",
    METADATA,
    Column("agency_id", Uuid, ForeignKey("agencies.id"), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent_id", Uuid, ForeignKey("agencies.id")),
    Column("aliases", ARRAY(Text), nullable=False),
    Column("seal_name", Text),
    Column("address", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("standard", Word(StandardDuty)),
    Column("basis", Text),
    Column("reorganisation_id", Uuid),
    Column("name_folded", Text, nullable=False),
    Column("search_folded", Text, nullable=False),
)


@event.listens_for(AgencyPeriod, "before_insert")
@event.listens_for(AgencyPeriod, "before_update")
def _fold_agency(mapper: Mapper[Any], connection: Any, period: Any) -> None:
    period.name_folded = fold(period.name)
    said = (period.name, period.short_name, period.code, *period.aliases)
    period.search_folded = fold(" ".join(said))


MAPPED.map_imperatively(AgencyPeriod, agency_periods)

MAPPED.map_imperatively(
    Agency,
    agencies,
    version_id_col=agencies.c.version,
    properties={
        "periods": relationship(
            AgencyPeriod,
            foreign_keys=[agency_periods.c.agency_id],
            order_by=agency_periods.c.valid_from,
            cascade="all, delete-orphan",
            lazy="selectin",
        )
    },
)
