"""Dossiers and their parties are seen by a question only where it may see them, whatever it asks."""

from alembic import op

from kernel.data.schema import behind_schema
from kernel.trust.row_security import OF_AGENCY, behind

revision = "0006"
down_revision = "0005"

OF_A_PARTY = f"""exists (select from parties p where p.dossier_id = dossiers.id and p.{OF_AGENCY})"""


def upgrade() -> None:
    behind_schema(op)
    for statement in (*behind("parties", OF_AGENCY), *behind("dossiers", OF_A_PARTY)):
        op.execute(statement)
