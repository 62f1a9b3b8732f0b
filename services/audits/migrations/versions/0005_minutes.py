"""Minutes of hand-overs, and what each service said passed."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """create table minutes (
        id uuid primary key,
        version integer not null,
        agency_id uuid not null,
        giver_id uuid not null,
        receiver_id uuid not null,
        told jsonb not null,
        file jsonb
    )""",
    "create index minutes_to_write on minutes (id) where file is null",
    """create table hand_over_reports (
        hand_over_id uuid not null,
        service text not null,
        things jsonb not null,
        primary key (hand_over_id, service)
    )""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
