"""The daily digest: how far each person's notices are covered, who waits for one, and the digests themselves.

A notice from before there were digests is not dug up: what was posted before counts as covered.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    "alter table notice_heads add column covered_number integer not null default 0",
    "alter table notice_heads add column waiting_since timestamptz",
    "update notice_heads set covered_number = last_number",
    "create index notice_heads_waiting on notice_heads (waiting_since) where waiting_since is not null",
    "alter table deliveries alter column notice_id drop not null",
    """create table digests (
        id uuid primary key,
        person_id uuid not null,
        day date not null,
        after_number integer not null,
        to_number integer not null,
        notices integer not null,
        unread_before integer not null,
        made_at timestamptz not null,
        delivery_id uuid not null references deliveries,
        constraint digests_once_a_day unique (person_id, day),
        constraint digests_delivery_once unique (delivery_id),
        check (after_number < to_number)
    )""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a migration is never undone; write the next one")
