"""Delegations, and sessions in which somebody acts for another."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    """create table delegations (
        id uuid primary key,
        version integer not null,
        kind text not null check (kind in ('authorisation', 'acting')),
        agency_id uuid not null references agencies,
        from_position_id uuid not null references positions,
        given_by uuid not null references people,
        to_position_id uuid not null references positions,
        to_person_id uuid not null references people,
        roles jsonb not null,
        signing_authority boolean not null,
        valid_from date not null,
        valid_to date not null check (valid_to >= valid_from),
        basis text not null,
        constraint delegations_once
            exclude using gist (from_position_id with =, to_position_id with =,
                                daterange(valid_from, valid_to) with &&)
    )""",
    "create index delegations_by_agency on delegations (agency_id, valid_from, id)",
    "create index delegations_by_giver on delegations (given_by, valid_from, id)",
    "create index delegations_by_receiver on delegations (to_person_id, valid_from, id)",
    "create index delegations_to_position on delegations (to_position_id)",
    "alter table session_families add column acting_for uuid",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a migration is never undone; write the next one")
