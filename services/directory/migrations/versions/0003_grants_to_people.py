"""Roles granted to people in person, beside what their positions bring."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    # An own and a subtree grant may meet after a reorganisation; a person is never refused for that.
    """create table personal_grants (
        id uuid primary key,
        version integer not null,
        person_id uuid not null references people,
        role text not null,
        agency_id uuid not null references agencies,
        with_subtree boolean not null,
        valid_from date not null,
        valid_to date check (valid_to >= valid_from),
        basis text,
        constraint personal_grants_once
            exclude using gist (person_id with =, role with =, agency_id with =,
                                (with_subtree::integer) with =, daterange(valid_from, valid_to) with &&)
    )""",
    "create index personal_grants_by_person on personal_grants (person_id, valid_from, id)",
    "create index personal_grants_by_agency on personal_grants (agency_id, valid_from, id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a migration is never undone; write the next one")
