"""Programs of portals, and how much of their quota they have used."""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    """create table integration_clients (
        id uuid primary key,
        version integer not null,
        agency_id uuid not null references agencies,
        responsible_id uuid not null references people,
        name text not null,
        name_folded text not null,
        purpose text not null,
        scopes text[] not null,
        agencies jsonb not null,
        calls_per_minute integer not null check (calls_per_minute > 0),
        calls_per_day integer not null check (calls_per_day >= calls_per_minute),
        expires_on date not null,
        secret_digest bytea not null,
        secret_set_at timestamptz not null,
        previous_digest bytea,
        previous_until timestamptz,
        state text not null check (state in ('pending', 'active', 'suspended', 'revoked')),
        approved_on date,
        approved_by uuid,
        approval_due_on date,
        warned_of date,
        check ((previous_digest is null) = (previous_until is null))
    )""",
    "create index integration_clients_by_name on integration_clients (name_folded, id)",
    "create index integration_clients_by_agency on integration_clients (agency_id, name_folded, id)",
    "create index integration_clients_due on integration_clients (approval_due_on) where state = 'active'",
    # One row a program, written at each lease of calls: kept small so that the page takes the new version.
    """create table client_usage (
        client_id uuid primary key references integration_clients,
        minute timestamptz not null,
        in_minute integer not null,
        day date not null,
        in_day integer not null,
        used_at timestamptz not null
    ) with (fillfactor = 50)""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
