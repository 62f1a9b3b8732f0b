"""A number of a dossier is given once, whatever its case, and found by it.

Where two that differ in case alone stand beside each other already, the index of before stays: which of them
is meant is the agency's to say, and the runbook names the query that finds them.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    """do $$ begin
        if not exists (
            select from dossiers
            group by coalesce(received_agency_id, agency_id), upper(number) having count(*) > 1
        ) then
            drop index dossiers_number_once;
            create unique index dossiers_number_once
                on dossiers (coalesce(received_agency_id, agency_id), upper(number));
        end if;
    end $$""",
    "create index dossiers_by_number_in_capitals on dossiers (agency_id, upper(number))",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
