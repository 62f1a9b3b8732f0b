"""What waits for whom: revisions that are not issued yet, found without reading those that are."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    "create index revisions_on_their_way on revisions (state, document_id) where state <> 'issued'",
    "create index revisions_open_by_author on revisions (author_id) where state <> 'issued'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
