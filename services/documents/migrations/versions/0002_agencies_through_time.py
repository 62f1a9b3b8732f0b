"""Agencies through time: every state an agency was in, and who took over from whom.

What is known of each agency is its one state so far, so nothing has to be learnt anew.
"""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    kernel_schema(op, 2)
