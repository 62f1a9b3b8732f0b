"""Keep the version of the last act.

Each migration keeps the code of the release before it working: expand now, contract a release later.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("alter table dossiers add column acted_version integer not null default 1")
    op.execute("update dossiers set acted_version = version")
