"""Who wrote a revision before it passed to another: none of them may review or approve it."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("alter table revisions add column earlier_authors uuid[] not null default '{}'")
