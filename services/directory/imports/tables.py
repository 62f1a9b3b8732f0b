"""The tables of imports and their rows, and the mapping onto the domain."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from contracts.directory.imports import ImportState
from contracts.directory.roles import HeldRole
from kernel.data.columns import Shape, Word
from kernel.data.tables import MOMENT
from services.directory.imports.domain.staff_import import StaffImport
from services.directory.metadata import MAPPED, METADATA

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

MAPPED.map_imperatively(StaffImport, staff_imports, version_id_col=staff_imports.c.version)
