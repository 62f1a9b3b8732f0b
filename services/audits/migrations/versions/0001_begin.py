"""The first tables of audits, nonconformities and reviews."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0001"
down_revision = None

STATEMENTS = (
    """create table nonconformities (
        id uuid not null,
        version integer not null,
        agency_id uuid not null,
        number text not null,
        source text not null,
        severity text not null,
        state text not null,
        description text not null,
        clause text,
        document_id uuid,
        finding_id uuid,
        occurrences integer not null,
        needs_corrective_action boolean not null,
        correction text,
        corrected_by uuid,
        corrected_at timestamptz,
        cause text,
        raised_by uuid,
        raised_at timestamptz not null,
        closed_by uuid,
        closed_at timestamptz,
        changes integer not null,
        primary key (id)
    )""",
    """create table corrective_actions (
        id uuid not null,
        nonconformity_id uuid not null,
        description text not null,
        owner_id uuid not null,
        due_on date not null,
        planned_at timestamptz not null,
        state text not null,
        done_by uuid,
        done_at timestamptz,
        done_note text,
        verified_by uuid,
        verified_at timestamptz,
        verification_note text,
        primary key (id),
        foreign key(nonconformity_id) references nonconformities (id)
    )""",
    """create table programmes (
        id uuid not null,
        version integer not null,
        agency_id uuid not null,
        year integer not null,
        title text not null,
        objective text not null,
        drafted_by uuid not null,
        state text not null,
        approved_by uuid,
        approved_at timestamptz,
        primary key (id)
    )""",
    """create table audits (
        id uuid not null,
        version integer not null,
        programme_id uuid not null,
        agency_id uuid not null,
        title text not null,
        framework text not null,
        clauses text[] not null,
        document_ids uuid[] not null,
        lead_auditor_id uuid not null,
        auditor_ids uuid[] not null,
        planned_from date not null,
        planned_to date not null,
        state text not null,
        checklist jsonb not null,
        started_at timestamptz,
        conclusion text,
        reported_by uuid,
        reported_at timestamptz,
        changes integer not null,
        primary key (id),
        foreign key(programme_id) references programmes (id)
    )""",
    """create table findings (
        id uuid not null,
        audit_id uuid not null,
        seq integer not null,
        clause text not null,
        document_id uuid,
        grade text not null,
        statement text not null,
        evidence text not null,
        found_by uuid not null,
        found_at timestamptz not null,
        nonconformity_id uuid,
        primary key (id),
        foreign key(audit_id) references audits (id)
    )""",
    """create table reviews (
        id uuid not null,
        version integer not null,
        agency_id uuid not null,
        title text not null,
        period_from date not null,
        period_to date not null,
        held_on date not null,
        state text not null,
        inputs jsonb not null,
        inputs_frozen_at timestamptz,
        conclusion text,
        is_effective boolean,
        concluded_by uuid,
        concluded_at timestamptz,
        changes integer not null,
        primary key (id)
    )""",
    """create table review_tasks (
        id uuid not null,
        review_id uuid not null,
        decision text not null,
        owner_id uuid not null,
        due_on date not null,
        decided_at timestamptz not null,
        state text not null,
        done_by uuid,
        done_at timestamptz,
        done_note text,
        primary key (id),
        foreign key(review_id) references reviews (id)
    )""",
    """create table numbering (
        agency_id uuid not null,
        year integer not null,
        last integer not null,
        primary key (agency_id, year)
    )""",
    """create table overdue_groups (
        key text not null,
        nonconformity_id uuid not null,
        primary key (key)
    )""",
    """create table overdue_facts (
        key text not null,
        primary key (key)
    )""",
    """create table positions (
        id uuid not null,
        version integer not null,
        agency_id uuid not null,
        person_id uuid not null,
        held_from date not null,
        held_to date,
        roles text[] not null,
        primary key (id)
    )""",
    """create table procedures (
        document_id uuid not null,
        version integer not null,
        agency_id uuid not null,
        code text not null,
        title text not null,
        number integer not null,
        effective_from date not null,
        primary key (document_id)
    )""",
    """create table dossiers (
        id uuid not null,
        version integer not null,
        agency_id uuid not null,
        received_on date not null,
        finished_on date,
        on_time boolean,
        is_overdue boolean not null,
        primary key (id)
    )""",
    "create unique index nonconformities_number_once on nonconformities (agency_id, number)",
    "create index nonconformities_by_agency on nonconformities (agency_id, raised_at desc, id desc)",
    "create index nonconformities_by_time on nonconformities (raised_at desc, id desc)",
    "create index nonconformities_open on nonconformities (agency_id) where state <> 'closed'",
    "create index corrective_actions_of on corrective_actions (nonconformity_id)",
    "create index corrective_actions_due on corrective_actions (due_on) where state <> 'verified'",
    "alter table programmes add constraint programmes_once_a_year unique (agency_id, year)",
    "create index audits_by_agency on audits (agency_id, planned_from desc, id desc)",
    "create index audits_by_time on audits (planned_from desc, id desc)",
    "create index audits_of_programme on audits (programme_id)",
    "create index findings_of on findings (audit_id)",
    "create index reviews_by_agency on reviews (agency_id, held_on desc, id desc)",
    "create index reviews_by_time on reviews (held_on desc, id desc)",
    "create index review_tasks_of on review_tasks (review_id)",
    "create index positions_of_agency on positions (agency_id)",
    "create index positions_of_person on positions (person_id)",
    "create index procedures_of_agency on procedures (agency_id)",
    "create index dossiers_of_agency on dossiers (agency_id, received_on)",
)


def upgrade() -> None:
    kernel_schema(op, 1)
    for statement in STATEMENTS:
        op.execute(statement)
