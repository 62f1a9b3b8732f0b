"""The first tables of dossiers."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0001"
down_revision = None

STATEMENTS = (
    """create table calendars (
        version integer generated always as identity primary key,
        name text not null,
        digest text not null unique,
        content jsonb not null
    )""",
    """create table procedures (
        revision_id uuid primary key,
        document_id uuid not null,
        number integer not null,
        agency_id uuid not null,
        code text not null,
        title text not null,
        tthc_code text,
        distribution uuid[] not null,
        effective_from date not null,
        effective_to date,
        content jsonb
    )""",
    "create index procedures_of_document on procedures (document_id, effective_from)",
    "create index procedures_by_tthc on procedures (tthc_code) where tthc_code is not null",
    "create index procedures_by_code on procedures (code)",
    """create table positions (
        id uuid primary key,
        person_id uuid not null,
        agency_id uuid not null,
        held_from date not null,
        held_to date,
        version integer not null
    )""",
    """create table dossiers (
        id uuid primary key,
        version integer not null,
        agency_id uuid not null,
        number text not null,
        kind text not null,
        competent_agency_id uuid not null,
        supporting uuid[] not null,
        coordinating uuid[] not null,
        document_id uuid not null,
        revision_id uuid not null references procedures,
        revision_number integer not null,
        document_code text not null,
        title text not null,
        tthc_code text,
        applicant_name text,
        received_at timestamptz not null,
        counts_from timestamptz not null,
        first_heard_at timestamptz not null,
        rules_on date not null,
        calendar_version integer not null references calendars,
        status text not null,
        steps jsonb not null,
        step_seq integer,
        clock jsonb,
        step_clocks jsonb not null,
        pauses jsonb not null,
        due_at timestamptz,
        is_overdue boolean not null,
        ended_at timestamptz,
        is_synced boolean not null,
        source_changed_at timestamptz,
        is_open boolean not null generated always as (status in ('processing', 'paused')) stored,
        constraint dossiers_number_once unique (agency_id, number),
        constraint dossiers_end_by_status check ((status in ('finished', 'stopped')) = (ended_at is not null))
    )""",
    "create index dossiers_newest on dossiers (received_at, id)",
    "create index dossiers_by_status on dossiers (status, received_at, id)",
    "create index dossiers_by_document on dossiers (document_id, received_at, id)",
    "create index dossiers_due on dossiers (due_at, id) where is_open",
    """create table parties (
        agency_id uuid not null,
        dossier_id uuid not null references dossiers,
        roles text[] not null,
        status text not null,
        is_open boolean not null generated always as (status in ('processing', 'paused')) stored,
        document_id uuid not null,
        received_at timestamptz not null,
        due_at timestamptz,
        primary key (agency_id, dossier_id)
    )""",
    "create index parties_of_dossier on parties (dossier_id, agency_id)",
    "create index parties_newest on parties (agency_id, received_at, dossier_id)",
    "create index parties_by_status on parties (agency_id, status, received_at, dossier_id)",
    "create index parties_by_document on parties (agency_id, document_id, received_at, dossier_id)",
    "create index parties_due on parties (agency_id, due_at, dossier_id) where is_open",
    """create table clocks (
        dossier_id uuid primary key references dossiers,
        next_moment timestamptz not null
    )""",
    "create index clocks_due on clocks (next_moment)",
    """create table figures (
        agency_id uuid not null,
        document_id uuid not null,
        month date not null,
        received integer not null,
        finished integer not null,
        on_time integer not null,
        late integer not null,
        stopped integer not null,
        open integer not null,
        overdue_open integer not null,
        primary key (agency_id, document_id, month)
    )""",
)


def upgrade() -> None:
    kernel_schema(op, 1)
    for statement in STATEMENTS:
        op.execute(statement)
