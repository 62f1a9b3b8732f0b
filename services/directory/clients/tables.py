"""The tables of portals' programs and of their use, and the mapping onto the domain."""

from typing import Any

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapper

from contracts.directory.clients import ClientReach, ClientState, Scope
from kernel.base.text import fold
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.directory.clients.domain import IntegrationClient
from services.directory.metadata import MAPPED, METADATA

integration_clients = Table(
    "integration_clients",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("responsible_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("scopes", ARRAY(Word(Scope)), nullable=False),
    Column("agencies", Shape(list[ClientReach]), nullable=False),
    Column("calls_per_minute", Integer, nullable=False),
    Column("calls_per_day", Integer, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("secret_digest", LargeBinary, nullable=False),
    Column("secret_set_at", MOMENT, nullable=False),
    Column("previous_digest", LargeBinary),
    Column("previous_until", MOMENT),
    Column("state", Word(ClientState), nullable=False),
    Column("approved_on", Date),
    Column("approved_by", Uuid),
    Column("approval_due_on", Date),
    Column("warned_of", Date),
)
client_usage = Table(
    "client_usage",
    METADATA,
    Column("client_id", Uuid, ForeignKey("integration_clients.id"), primary_key=True),
    Column("minute", MOMENT, nullable=False),
    Column("in_minute", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("in_day", Integer, nullable=False),
    Column("used_at", MOMENT, nullable=False),
)


MAPPED.map_imperatively(IntegrationClient, integration_clients, version_id_col=integration_clients.c.version)


@event.listens_for(IntegrationClient, "before_insert")
@event.listens_for(IntegrationClient, "before_update")
def _fold_name(mapper: Mapper[Any], connection: Any, client: Any) -> None:
    client.name_folded = fold(client.name)
