"""Revisions and who has to do with documents are seen by a question only where it may see them.

Not the documents themselves: their search goes by an operator that is not leakproof (ADR 22).
"""

from alembic import op

from kernel.data.schema import behind_schema
from kernel.trust.row_security import OF_AGENCY, behind

revision = "0006"
down_revision = "0005"

OF_A_PARTY = f"exists (select from parties p where p.document_id = revisions.document_id and p.{OF_AGENCY})"


def upgrade() -> None:
    behind_schema(op)
    for statement in (*behind("parties", OF_AGENCY), *behind("revisions", OF_A_PARTY)):
        op.execute(statement)
