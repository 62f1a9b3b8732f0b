"""The rule of revisions is asked row by row: `offset 0` keeps the planner from asking it for all at once.

A caller who reaches many agencies had all their parties read before the first row of a page.
"""

from alembic import op

from kernel.trust.row_security import OF_AGENCY

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute(
        f"""alter policy revisions_seen on revisions using ((select eiso_sees_all()) or exists (
            select from parties p where p.document_id = revisions.document_id and p.{OF_AGENCY} offset 0))"""
    )
