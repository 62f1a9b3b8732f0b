"""Rights that ended: what grants may no longer rely on, kept beside what they would open."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    kernel_schema(op, 4)
