"""Accounts that are out of use, and when somebody last signed in with them."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    """alter table accounts
        add column disabled_at timestamptz,
        add column disabled_because text check (disabled_because in ('idle', 'administrator')),
        add column enabled_at timestamptz,
        add constraint accounts_disabled_for_a_reason
            check ((disabled_at is null) = (disabled_because is null))""",
    """create table last_sign_ins (
        account_id uuid primary key references accounts,
        signed_in_at timestamptz not null
    )""",
    "create index session_families_by_person on session_families (person_id) where ended_at is null",
    "create index refresh_tokens_newest on refresh_tokens (family_id, issued_at desc)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
