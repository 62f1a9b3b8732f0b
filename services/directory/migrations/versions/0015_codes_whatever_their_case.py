"""A code of a quality system is given once, whatever its case.

Where two that differ in case alone stand beside each other already, the index of before stays: which of them
is meant is the agency's to say, and the runbook names the query that finds them.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    """do $$ begin
        if not exists (
            select from quality_systems where state <> 'ended'
            group by coded_in, upper(code) having count(*) > 1
        ) then
            drop index quality_systems_code_once;
            create unique index quality_systems_code_once
                on quality_systems (coded_in, upper(code)) where state <> 'ended';
        end if;
    end $$""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
