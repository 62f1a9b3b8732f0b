"""Staff numbers, phones, sealed identity numbers, and people found by name."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    # Code that runs beside the migration writes neither folded column: its people are found by number only,
    # until they are amended.
    """alter table people
        add column phone text,
        add column staff_number text,
        add column identity_key text,
        add column identity_cipher bytea,
        add column identity_index bytea,
        add column identity_recorded_at timestamptz,
        add column name_folded text not null default '',
        add column search_folded text not null default ''""",
    # As kernel.base.text.fold does: lower case without diacritics.
    """update people set name_folded = btrim(regexp_replace(regexp_replace(
           lower(normalize(translate(full_name, 'đĐ', 'dD'), NFD)), '[\u0300-\u036f]', '', 'g'),
           '\\s+', ' ', 'g'))""",
    "update people set search_folded = name_folded",
    "alter table people add constraint people_staff_number_once unique (staff_number)",
    "alter table people add constraint people_identity_once unique (identity_index)",
    "create index people_by_name on people (name_folded, id)",
    "create index people_search on people using gin (search_folded gin_trgm_ops)",
    "create index people_by_identity_key on people (identity_key) where identity_key is not null",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a migration is never undone; write the next one")
