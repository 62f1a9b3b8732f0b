"""Quality management systems as records of their own: one may cover several agencies, and several one."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """create table quality_systems (
        id uuid primary key,
        version integer not null,
        agency_id uuid not null references agencies,
        code text not null,
        name text not null,
        scope text not null,
        standards jsonb not null,
        state text not null check (state in ('building', 'applied', 'declared', 'ended')),
        covers jsonb not null,
        seats jsonb not null,
        committee_decision text,
        committee_since date,
        declared_by text,
        declared_on date,
        declare_again jsonb not null,
        declare_again_since date,
        ended_on date,
        check ((state = 'ended') = (ended_on is not null))
    )""",
    """create unique index quality_systems_code_once on quality_systems (agency_id, code)
        where state <> 'ended'""",
    "create index quality_systems_by_code on quality_systems (code, id)",
    "create index quality_systems_by_state on quality_systems (state, code, id)",
    """create index quality_systems_to_declare on quality_systems (code, id)
        where declare_again_since is not null""",
    "create index quality_systems_covering on quality_systems using gin (covers jsonb_path_ops)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
