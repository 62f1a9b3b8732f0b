"""Imports whose rows are forgotten say so, and are neither judged nor applied any more."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    "alter table staff_imports drop constraint staff_imports_state_check",
    """alter table staff_imports add constraint staff_imports_state_check
        check (state in ('open', 'checking', 'checked', 'applying', 'applied', 'forgotten'))""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a migration is never undone; write the next one")
