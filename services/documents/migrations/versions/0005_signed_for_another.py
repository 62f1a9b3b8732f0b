"""For whom a revision was reviewed, approved and issued, where somebody acted for another."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """alter table revisions
            add column reviewed_for uuid, add column approved_for uuid, add column issued_for uuid"""
    )


def downgrade() -> None:
    raise NotImplementedError("a migration is never undone; write the next one")
