"""Minutes by agency, for those that follow it; a database may have the index already."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("create index if not exists minutes_of_agency on minutes (agency_id)")
