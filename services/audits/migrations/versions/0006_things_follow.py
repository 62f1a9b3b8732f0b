"""Things follow an agency that ended to the one that goes on with them."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0006"
down_revision = "0005"


STATEMENTS = (
    # Empty means that it is still with the agency it was entered for: nothing has to be filled in.
    "alter table nonconformities add column first_agency_id uuid",
    "alter table programmes add column first_agency_id uuid",
    "alter table audits add column first_agency_id uuid",
    "alter table reviews add column first_agency_id uuid",
    # Agencies that are merged have given the same numbers, and each has its programme of the year.
    "drop index nonconformities_number_once",
    """create unique index nonconformities_number_once
        on nonconformities (coalesce(first_agency_id, agency_id), number)""",
    "alter table programmes drop constraint programmes_once_a_year",
    """create unique index programmes_once_a_year
        on programmes (coalesce(first_agency_id, agency_id), year)""",
    "create index programmes_of_agency on programmes (agency_id, year)",
)


def upgrade() -> None:
    kernel_schema(op, 3)
    for statement in STATEMENTS:
        op.execute(statement)
