"""Things follow an agency that ended to the one that goes on with them."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0004"
down_revision = "0003"


STATEMENTS = (
    # Empty means that it is still the agency that owns it: nothing has to be filled in.
    "alter table documents add column numbered_in uuid",
    # A code is given once by an agency; agencies that are merged may have given the same, and both stay.
    "alter table documents drop constraint documents_code_once",
    "create unique index documents_code_once on documents (coalesce(numbered_in, agency_id), code)",
    "create index documents_of_agency on documents (agency_id, code)",
    "create index documents_distribution on documents using gin (distribution)",
)


def upgrade() -> None:
    kernel_schema(op, 3)
    for statement in STATEMENTS:
        op.execute(statement)
