"""The directory's tables and their mapping onto the domain."""

from typing import Any

from sqlalchemy import (
    Boolean,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapper, relationship

from contracts.directory.delegations import DelegationKind
from contracts.directory.hand_overs import HandOverState, MinuteSignature
from contracts.directory.imports import ImportState
from contracts.directory.quality_systems import Coverage, DeclareReason, Seat, SystemState
from contracts.directory.reorganisations import AgencyPart, ReorganisationPlan, ReorganisationState
from contracts.directory.roles import HeldRole, Role
from contracts.directory.staff import ReleaseView, StandardDuty
from kernel.base.text import fold
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.directory.access_tables import MAPPED, METADATA
from services.directory.domain.agency import Agency, AgencyPeriod
from services.directory.domain.client import IntegrationClient
from services.directory.domain.delegation import Delegation
from services.directory.domain.grant import PersonalGrant
from services.directory.domain.handing_over import HandOver
from services.directory.domain.person import Person
from services.directory.domain.position import GrantedRole, Position
from services.directory.domain.quality_system import QualitySystem
from services.directory.domain.reorganisation import Concerned, Reorganisation
from services.directory.domain.staff_import import StaffImport

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

reorganisations = Table(
    "reorganisations",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("state", Word(ReorganisationState), nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("plan", Shape(ReorganisationPlan), nullable=False),
    Column("requested_by", Uuid),
    Column("requested_at", MOMENT, nullable=False),
    Column("applied_at", MOMENT),
    Column("cancelled_at", MOMENT),
    Column("reason", Text),
    Column("failure", JSONB(none_as_null=True)),
)

reorganisation_agencies = Table(
    "reorganisation_agencies",
    METADATA,
    Column("reorganisation_id", Uuid, ForeignKey("reorganisations.id"), primary_key=True),
    Column("agency_id", Uuid, primary_key=True),
    Column("part", Word(AgencyPart), nullable=False),
)

people = Table(
    "people",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("staff_number", Text, unique=True),
    Column("identity_key", Text),
    Column("identity_cipher", LargeBinary),
    Column("identity_index", LargeBinary, unique=True),
    Column("identity_recorded_at", MOMENT),
    Column("home_agency_id", Uuid, ForeignKey("agencies.id")),
    Column("home_since", Date),
    Column("release", Shape(ReleaseView)),
    Column("name_folded", Text, nullable=False, server_default=""),
    Column("search_folded", Text, nullable=False, server_default=""),
)

positions = Table(
    "positions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("title_folded", Text, nullable=False),
    Column("held_from", Date, nullable=False),
    Column("held_to", Date),
)

position_roles = Table(
    "position_roles",
    METADATA,
    Column("position_id", Uuid, ForeignKey("positions.id"), primary_key=True),
    Column("role", Word(Role), primary_key=True),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("with_subtree", Boolean, nullable=False),
)

personal_grants = Table(
    "personal_grants",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("role", Word(Role), nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("with_subtree", Boolean, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("basis", Text),
)

hand_overs = Table(
    "hand_overs",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("giver_position_id", Uuid, ForeignKey("positions.id"), nullable=False),
    Column("giver_id", Uuid, nullable=False),
    Column("receiver_position_id", Uuid, ForeignKey("positions.id"), nullable=False),
    Column("receiver_id", Uuid, nullable=False),
    Column("number", Text, nullable=False),
    Column("drawn_up_at", MOMENT, nullable=False),
    Column("note", Text),
    Column("state", Word(HandOverState), nullable=False),
    Column("handed_over_at", MOMENT),
    Column("roles", Shape(tuple[HeldRole, ...]), nullable=False),
    Column("signatures", Shape(tuple[MinuteSignature, ...]), nullable=False),
    Column("reason", Text),
)

quality_systems = Table(
    "quality_systems",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("coded_in", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("standards", Shape(tuple[str, ...]), nullable=False),
    Column("state", Word(SystemState), nullable=False),
    Column("covers", Shape(tuple[Coverage, ...]), nullable=False),
    Column("seats", Shape(tuple[Seat, ...]), nullable=False),
    Column("committee_decision", Text),
    Column("committee_since", Date),
    Column("declared_by", Text),
    Column("declared_on", Date),
    Column("declare_again", Shape(tuple[DeclareReason, ...]), nullable=False),
    Column("declare_again_since", Date),
    Column("ended_on", Date),
)

# The next number of a minute in a year.
minute_numbers = Table(
    "minute_numbers",
    METADATA,
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

# Holdings that ended and of which nobody took over what they held: each told once.
leavings = Table(
    "leavings",
    METADATA,
    Column("position_id", Uuid, ForeignKey("positions.id"), primary_key=True),
    Column("told_at", MOMENT, nullable=False),
)

delegations = Table(
    "delegations",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", Word(DelegationKind), nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id"), nullable=False),
    Column("from_position_id", Uuid, ForeignKey("positions.id"), nullable=False),
    Column("given_by", Uuid, ForeignKey("people.id"), nullable=False),
    Column("to_position_id", Uuid, ForeignKey("positions.id"), nullable=False),
    Column("to_person_id", Uuid, ForeignKey("people.id"), nullable=False),
    Column("roles", Shape(list[HeldRole]), nullable=False),
    Column("signing_authority", Boolean, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("basis", Text, nullable=False),
)

staff_imports = Table(
    "staff_imports",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("requested_by", Uuid, nullable=False),
    Column("requested_as", Uuid),
    Column("requested_at", MOMENT, nullable=False),
    Column("granted_with", Shape(list[HeldRole]), nullable=False),
    Column("state", Word(ImportState), nullable=False),
    Column("job_id", Uuid),
    Column("creating", Integer, nullable=False),
    Column("amending", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
    Column("failure", JSONB(none_as_null=True)),
    Column("applied_at", MOMENT),
)

import_rows = Table(
    "import_rows",
    METADATA,
    Column("import_id", Uuid, ForeignKey("staff_imports.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("staff_number", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("faults", JSONB, nullable=False),
    Column("identity_key", Text),
    Column("identity_cipher", LargeBinary),
    Column("identity_index", LargeBinary),
    Column("verdict", Text),
    Column("problems", JSONB, nullable=False),
    Column("notes", JSONB, nullable=False),
)

# Apart from the account: whoever signs in at two places at once changes no account twice.
last_sign_ins = Table(
    "last_sign_ins",
    METADATA,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("signed_in_at", MOMENT, nullable=False),
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
MAPPED.map_imperatively(Concerned, reorganisation_agencies)
MAPPED.map_imperatively(
    Reorganisation,
    reorganisations,
    version_id_col=reorganisations.c.version,
    properties={
        "concerned": relationship(
            Concerned,
            foreign_keys=[reorganisation_agencies.c.reorganisation_id],
            order_by=(reorganisation_agencies.c.part, reorganisation_agencies.c.agency_id),
            cascade="all, delete-orphan",
            lazy="selectin",
        )
    },
)
MAPPED.map_imperatively(Person, people, version_id_col=people.c.version)
MAPPED.map_imperatively(GrantedRole, position_roles)
MAPPED.map_imperatively(
    Position,
    positions,
    version_id_col=positions.c.version,
    properties={
        "roles": relationship(
            GrantedRole,
            foreign_keys=[position_roles.c.position_id],
            order_by=(position_roles.c.role, position_roles.c.agency_id),
            cascade="all, delete-orphan",
            lazy="selectin",
        )
    },
)
MAPPED.map_imperatively(PersonalGrant, personal_grants, version_id_col=personal_grants.c.version)
MAPPED.map_imperatively(QualitySystem, quality_systems, version_id_col=quality_systems.c.version)
MAPPED.map_imperatively(HandOver, hand_overs, version_id_col=hand_overs.c.version)
MAPPED.map_imperatively(Delegation, delegations, version_id_col=delegations.c.version)
MAPPED.map_imperatively(StaffImport, staff_imports, version_id_col=staff_imports.c.version)


# Folded text is the table's business, not the domain's: it is filled in as a row is written.


@event.listens_for(AgencyPeriod, "before_insert")
@event.listens_for(AgencyPeriod, "before_update")
def _fold_agency(mapper: Mapper[Any], connection: Any, period: Any) -> None:
    period.name_folded = fold(period.name)
    said = (period.name, period.short_name, period.code, *period.aliases)
    period.search_folded = fold(" ".join(said))


@event.listens_for(Person, "before_insert")
@event.listens_for(Person, "before_update")
def _fold_person(mapper: Mapper[Any], connection: Any, person: Any) -> None:
    person.name_folded = fold(person.full_name)
    person.search_folded = fold(f"{person.full_name} {person.staff_number or ''}")


@event.listens_for(Position, "before_insert")
@event.listens_for(Position, "before_update")
def _fold_title(mapper: Mapper[Any], connection: Any, position: Any) -> None:
    position.title_folded = fold(position.title)


@event.listens_for(IntegrationClient, "before_insert")
@event.listens_for(IntegrationClient, "before_update")
def _fold_name(mapper: Mapper[Any], connection: Any, client: Any) -> None:
    client.name_folded = fold(client.name)
