"""What gives people roles beside the positions they hold."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """create table capacities (
        id uuid primary key,
        person_id uuid not null,
        valid_from date not null,
        valid_to date,
        version integer not null
    )""",
    """create table capacity_roles (
        capacity_id uuid not null references capacities,
        role text not null,
        agency_id uuid not null,
        with_subtree boolean not null,
        primary key (capacity_id, role, agency_id)
    )""",
    "create index capacity_roles_by_role on capacity_roles (role, agency_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a migration is never undone; write the next one")
