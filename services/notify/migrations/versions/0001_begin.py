"""Notify's first tables: who holds what, notices numbered per person, deliveries."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0001"
down_revision = None

STATEMENTS = (
    """create table people (
        id uuid primary key,
        full_name text not null,
        email text,
        version integer not null
    )""",
    """create table positions (
        id uuid primary key,
        agency_id uuid not null,
        person_id uuid not null,
        title text not null,
        held_from date not null,
        held_to date,
        version integer not null
    )""",
    "create index positions_by_agency on positions (agency_id, person_id)",
    "create index positions_by_person on positions (person_id)",
    """create table position_roles (
        position_id uuid not null references positions,
        role text not null,
        agency_id uuid not null,
        with_subtree boolean not null,
        primary key (position_id, role, agency_id)
    )""",
    "create index position_roles_by_role on position_roles (role, agency_id)",
    """create table notice_heads (
        person_id uuid primary key,
        last_number integer not null
    )""",
    """create table notices (
        id uuid primary key,
        person_id uuid not null,
        number integer not null,
        cause_id uuid not null,
        kind text not null,
        subject text not null,
        body text not null,
        subject_en text not null,
        body_en text not null,
        about_id uuid not null,
        about_type text not null,
        posted_at timestamptz not null,
        read_at timestamptz,
        constraint notices_number_once unique (person_id, number),
        constraint notices_cause_once unique (cause_id, person_id)
    )""",
    "create index notices_unread on notices (person_id, number) where read_at is null",
    """create table deliveries (
        id uuid primary key,
        notice_id uuid not null references notices,
        channel text not null,
        address text not null,
        state text not null check (state in ('queued', 'sending', 'sent', 'retrying', 'failed')),
        attempts integer not null,
        next_attempt_at timestamptz,
        sent_at timestamptz,
        last_error text,
        trace_id text,
        queued_at timestamptz not null
    )""",
    "create index deliveries_by_notice on deliveries (notice_id)",
    "create index deliveries_due on deliveries (next_attempt_at) where state in ('queued', 'retrying')",
    "create index deliveries_sending on deliveries (id) where state = 'sending'",
)


def upgrade() -> None:
    kernel_schema(op, 1)
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a migration is never undone; write the next one")
