"""A code of a document is given once, whatever its case: QT-01 and qt-01 are one.

Where two that differ in case alone stand beside each other already, the index of before stays: which of them
is meant is the agency's to say, and the runbook names the query that finds them.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    """do $$ begin
        if not exists (
            select from documents
            group by coalesce(numbered_in, agency_id), upper(code) having count(*) > 1
        ) then
            drop index documents_code_once;
            create unique index documents_code_once
                on documents (coalesce(numbered_in, agency_id), upper(code));
        end if;
    end $$""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
