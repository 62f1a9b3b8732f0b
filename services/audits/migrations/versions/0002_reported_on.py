"""The day of an audit's report, which may lie before the day it was entered.

Each migration keeps the code of the release before it working: expand now, contract a release later.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("alter table audits add column reported_on date")
    op.execute(
        "update audits set reported_on = (reported_at at time zone 'Asia/Ho_Chi_Minh')::date "
        "where reported_at is not null"
    )
