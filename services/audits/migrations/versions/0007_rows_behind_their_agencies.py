"""Nonconformities are seen by a question only where it may see them, whatever it asks."""

from alembic import op

from kernel.data.schema import behind_schema
from kernel.trust.row_security import OF_AGENCY, behind

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    behind_schema(op)
    for statement in behind("nonconformities", OF_AGENCY):
        op.execute(statement)
