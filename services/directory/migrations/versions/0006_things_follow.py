"""Things follow an agency that ended to the one that goes on with them."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    kernel_schema(op, 3)
