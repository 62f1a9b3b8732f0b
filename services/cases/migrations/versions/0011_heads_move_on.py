"""The heads of the trail's chains move on along their seals, and never back.

Each migration keeps the code of the release before it working: expand now, contract a release later.
"""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    kernel_schema(op, 5)
