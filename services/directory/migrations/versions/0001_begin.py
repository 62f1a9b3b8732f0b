"""The directory's first tables: agencies by period, people, positions, accounts, sessions."""

from alembic import op

from kernel.data.schema import kernel_schema

revision = "0001"
down_revision = None

STATEMENTS = (
    # Both extensions are trusted: the owner of the database may create them.
    "create extension if not exists btree_gist",
    "create extension if not exists pg_trgm",
    "create table agencies (id uuid primary key, version integer not null)",
    """create table agency_periods (
        agency_id uuid not null references agencies,
        valid_from date not null,
        valid_to date check (valid_to > valid_from),
        code text not null,
        name text not null,
        short_name text not null,
        kind text not null,
        parent_id uuid references agencies check (parent_id <> agency_id),
        basis text,
        name_folded text not null,
        search_folded text not null,
        primary key (agency_id, valid_from),
        constraint agency_periods_one_at_a_time
            exclude using gist (agency_id with =, daterange(valid_from, valid_to) with &&),
        constraint agency_periods_code_once
            exclude using gist (code with =, daterange(valid_from, valid_to) with &&)
    )""",
    "create index agency_periods_by_name on agency_periods (name_folded, agency_id)",
    "create index agency_periods_by_parent on agency_periods (parent_id, name_folded, agency_id)",
    "create index agency_periods_by_kind on agency_periods (kind, name_folded, agency_id)",
    "create index agency_periods_search on agency_periods using gin (search_folded gin_trgm_ops)",
    """create unique index agency_periods_one_root on agency_periods ((true))
        where parent_id is null and valid_to is null""",
    """create table people (
        id uuid primary key,
        version integer not null,
        full_name text not null,
        email text
    )""",
    """create table positions (
        id uuid primary key,
        version integer not null,
        agency_id uuid not null references agencies,
        person_id uuid not null references people,
        title text not null,
        title_folded text not null,
        held_from date not null,
        held_to date check (held_to >= held_from),
        constraint positions_held_once
            exclude using gist (person_id with =, agency_id with =, title_folded with =,
                                daterange(held_from, held_to) with &&)
    )""",
    "create index positions_by_agency on positions (agency_id, title_folded, id)",
    "create index positions_by_person on positions (person_id, held_from)",
    """create table position_roles (
        position_id uuid not null references positions,
        role text not null,
        agency_id uuid not null references agencies,
        valid_from date not null,
        valid_to date check (valid_to >= valid_from),
        with_subtree boolean not null,
        primary key (position_id, role, agency_id, valid_from)
    )""",
    "create index position_roles_by_agency on position_roles (agency_id, role)",
    """create table accounts (
        id uuid primary key,
        version integer not null,
        person_id uuid not null constraint accounts_person_once unique references people,
        username text not null constraint accounts_username_once unique,
        password_hash text not null,
        password_set_at timestamptz not null,
        set_by_request uuid not null,
        must_change_password boolean not null
    )""",
    """create table sign_in_guards (
        username text primary key,
        wrong_tries integer not null,
        last_wrong_at timestamptz,
        locked_until timestamptz
    )""",
    "create index sign_in_guards_by_age on sign_in_guards (last_wrong_at)",
    """create table session_families (
        id uuid primary key,
        account_id uuid not null references accounts,
        person_id uuid not null,
        position_id uuid not null,
        opened_at timestamptz not null,
        ends_at timestamptz not null,
        ended_at timestamptz,
        ended_because text
    )""",
    "create index session_families_open on session_families (account_id) where ended_at is null",
    "create index session_families_by_age on session_families (ends_at)",
    """create table refresh_tokens (
        digest bytea primary key,
        family_id uuid not null references session_families on delete cascade,
        issued_at timestamptz not null,
        expires_at timestamptz not null,
        used_at timestamptz,
        used_by uuid,
        replaced_by bytea
    )""",
    "create index refresh_tokens_by_family on refresh_tokens (family_id)",
)


def upgrade() -> None:
    kernel_schema(op, 1)
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a migration is never undone; write the next one")
