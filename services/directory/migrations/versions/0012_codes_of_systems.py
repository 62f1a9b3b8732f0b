"""A system's code is unique where it was given: two that one agency took over may bear the same."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = (
    "alter table quality_systems add column coded_in uuid",
    "update quality_systems set coded_in = agency_id",
    "alter table quality_systems alter column coded_in set not null",
    "drop index quality_systems_code_once",
    """create unique index quality_systems_code_once on quality_systems (coded_in, code)
        where state <> 'ended'""",
    "create index quality_systems_of_keeper on quality_systems (agency_id, code)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
