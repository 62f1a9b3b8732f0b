"""Agencies through time: more facts of each period, and reorganisations with their agencies."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """alter table agency_periods
        add column aliases text[] not null default '{}',
        add column seal_name text,
        add column address text,
        add column phone text,
        add column email text,
        add column standard text check (standard in ('mandatory', 'encouraged')),
        add column reorganisation_id uuid""",
    "alter table agencies add column changed_on date",
    """update agencies set changed_on = p.valid_from from agency_periods p
        where p.agency_id = agencies.id and p.valid_to is null""",
    """create table reorganisations (
        id uuid primary key,
        version integer not null,
        agency_id uuid not null references agencies,
        state text not null check (state in ('scheduled', 'applied', 'cancelled', 'failed')),
        effective_on date not null,
        plan jsonb not null,
        requested_by uuid,
        requested_at timestamptz not null,
        applied_at timestamptz,
        cancelled_at timestamptz,
        reason text,
        failure jsonb
    )""",
    """create index reorganisations_due on reorganisations (effective_on, requested_at, id)
        where state = 'scheduled'""",
    "create index reorganisations_by_day on reorganisations (effective_on desc, id desc)",
    # Without a reference to agencies: what a scheduled act will create is not there yet.
    """create table reorganisation_agencies (
        reorganisation_id uuid not null references reorganisations,
        agency_id uuid not null,
        part text not null check (part in ('created', 'changed', 'ended', 'heir')),
        primary key (reorganisation_id, agency_id)
    )""",
    "create index reorganisation_agencies_by_agency on reorganisation_agencies (agency_id)",
)


def upgrade() -> None:
    kernel_schema(op, 2)
    for statement in STATEMENTS:
        op.execute(statement)
