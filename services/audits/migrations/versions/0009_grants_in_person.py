"""Roles that people were granted in person: an auditor may be one for a single audit."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    """create table capacities (
        id uuid primary key,
        version integer not null,
        person_id uuid not null,
        valid_from date not null,
        valid_to date,
        roles text[] not null
    )""",
    "create index capacities_of_person on capacities (person_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
