"""What waits for whom: actions, decisions and audits that are not done, by who is to do them."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    "create index corrective_actions_to_do on corrective_actions (owner_id) where state = 'planned'",
    "create index corrective_actions_to_verify on corrective_actions (nonconformity_id) where state = 'done'",
    "create index review_tasks_to_do on review_tasks (owner_id) where state = 'open'",
    "create index audits_to_do on audits (lead_auditor_id) where state <> 'reported'",
    "create index audits_team on audits using gin (auditor_ids) where state <> 'reported'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
