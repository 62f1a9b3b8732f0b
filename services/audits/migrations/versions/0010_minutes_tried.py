"""When a minute could not be rendered: it waits behind the others instead of before them."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("alter table minutes add column tried_at timestamptz")
