"""Things follow an agency that ended to the one that goes on with them."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0005"
down_revision = "0004"


STATEMENTS = (
    # Empty means that it is still the agency it always was: nothing has to be filled in.
    """alter table dossiers
        add column received_agency_id uuid,
        add column first_competent_agency_id uuid,
        add column continued jsonb not null default '{}'""",
    # A number is given once by the agency that receives; agencies that are merged may have given the same.
    "alter table dossiers drop constraint dossiers_number_once",
    """create unique index dossiers_number_once
        on dossiers (coalesce(received_agency_id, agency_id), number)""",
    "create index dossiers_by_number on dossiers (agency_id, number)",
)


def upgrade() -> None:
    kernel_schema(op, 3)
    for statement in STATEMENTS:
        op.execute(statement)
