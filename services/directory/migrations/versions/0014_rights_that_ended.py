"""Rights that ended, tokens that are computed from the one before, and devices that are known."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    "alter table refresh_tokens add column seed bytea",
    """create table known_devices (
        digest bytea primary key,
        account_id uuid not null references accounts,
        known_since timestamptz not null,
        used_at timestamptz not null
    )""",
    "create index known_devices_of_account on known_devices (account_id, used_at)",
)


def upgrade() -> None:
    kernel_schema(op, 4)
    for statement in STATEMENTS:
        op.execute(statement)
