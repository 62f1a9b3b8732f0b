"""The first tables of controlled documents."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0001"
down_revision = None

STATEMENTS = (
    # Both extensions are trusted: the owner of the database may create them.
    "create extension if not exists btree_gist",
    "create extension if not exists pg_trgm",
    """create table documents (
        id uuid primary key,
        version integer not null,
        agency_id uuid not null,
        kind text not null,
        code text not null,
        title text not null,
        folded text not null,
        distribution uuid[] not null,
        changes integer not null,
        constraint documents_code_once unique (agency_id, code)
    )""",
    "create index documents_by_code on documents (code, id)",
    "create index documents_search on documents using gin (folded gin_trgm_ops)",
    """create table revisions (
        id uuid primary key,
        document_id uuid not null references documents,
        number integer not null,
        state text not null,
        change_note text,
        procedure jsonb,
        upload_id uuid not null references uploads,
        file_name text not null,
        media_type text not null,
        size bigint not null,
        sha256 text not null,
        object_key text not null,
        object_version text not null,
        locked_until timestamptz,
        author_id uuid not null,
        author_position_id uuid,
        submitted_at timestamptz,
        reviewed_by uuid,
        reviewed_as uuid,
        reviewed_at timestamptz,
        review_note text,
        approved_by uuid,
        approved_as uuid,
        approved_at timestamptz,
        issued_by uuid,
        issued_as uuid,
        issued_at timestamptz,
        effective_from date,
        effective_to date,
        migrated_from_paper boolean not null,
        constraint revisions_number_once unique (document_id, number),
        constraint revisions_issued_from_a_date check ((state = 'issued') = (effective_from is not null)),
        constraint revisions_one_in_force
            exclude using gist (document_id with =, daterange(effective_from, effective_to) with &&)
            where (state = 'issued') deferrable initially deferred
    )""",
    "create unique index revisions_one_open on revisions (document_id) where state <> 'issued'",
    "create index revisions_lock_ends on revisions (locked_until) where state = 'issued'",
    """create table parties (
        agency_id uuid not null,
        code text not null,
        document_id uuid not null references documents,
        kind text not null,
        is_owner boolean not null,
        primary key (agency_id, code, document_id)
    )""",
    "create index parties_of_document on parties (document_id, agency_id)",
)


def upgrade() -> None:
    kernel_schema(op, 1)
    for statement in STATEMENTS:
        op.execute(statement)
