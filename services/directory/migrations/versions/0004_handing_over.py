"""Hand-overs, and holdings that ended without one."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """create table hand_overs (
        id uuid primary key,
        version integer not null,
        agency_id uuid not null references agencies,
        giver_position_id uuid not null references positions,
        giver_id uuid not null,
        receiver_position_id uuid not null references positions,
        receiver_id uuid not null,
        number text not null unique,
        drawn_up_at timestamptz not null,
        note text,
        state text not null check (state in ('drawn_up', 'done', 'cancelled')),
        handed_over_at timestamptz,
        roles jsonb not null,
        signatures jsonb not null,
        reason text,
        check ((state = 'done') = (handed_over_at is not null))
    )""",
    # A position is handed over once: what is taken back may be drawn up anew.
    "create unique index hand_overs_one_open on hand_overs (giver_position_id) where state <> 'cancelled'",
    "create index hand_overs_by_agency on hand_overs (agency_id, drawn_up_at desc, id desc)",
    "create index hand_overs_newest on hand_overs (drawn_up_at desc, id desc)",
    "create index hand_overs_of_giver on hand_overs (giver_id, drawn_up_at desc, id desc)",
    "create index hand_overs_of_receiver on hand_overs (receiver_id, drawn_up_at desc, id desc)",
    "create table minute_numbers (year integer primary key, last integer not null)",
    """create table leavings (
        position_id uuid primary key references positions,
        told_at timestamptz not null
    )""",
    "create index positions_ended on positions (held_to, id) where held_to is not null",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
