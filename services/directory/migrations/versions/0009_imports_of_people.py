"""Imports of people: their rows as they wait to be judged and applied."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    """create table staff_imports (
        id uuid primary key,
        version integer not null,
        agency_id uuid not null,
        file_name text not null,
        rows integer not null,
        requested_by uuid not null,
        requested_as uuid,
        requested_at timestamptz not null,
        granted_with jsonb not null,
        state text not null check (state in ('open', 'checking', 'checked', 'applying', 'applied')),
        job_id uuid,
        creating integer not null,
        amending integer not null,
        unchanged integer not null,
        bad integer not null,
        failure jsonb,
        applied_at timestamptz
    )""",
    "create index staff_imports_by_age on staff_imports (requested_at)",
    """create table import_rows (
        import_id uuid not null references staff_imports,
        line integer not null,
        staff_number text not null,
        facts jsonb not null,
        faults jsonb not null,
        identity_key text,
        identity_cipher bytea,
        identity_index bytea,
        verdict text,
        problems jsonb not null,
        notes jsonb not null,
        primary key (import_id, line)
    )""",
    "create index import_rows_by_person on import_rows (import_id, staff_number, line)",
    "create index import_rows_by_verdict on import_rows (import_id, verdict, line)",
    """create index import_rows_by_identity on import_rows (import_id, identity_index)
        where identity_index is not null""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a migration is never undone; write the next one")
