"""What waits for whom: the current step of an open dossier, by its officer and by its agency."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """create index dossiers_step_of_officer on dossiers (((steps -> (step_seq - 1)) ->> 'officer_id'))
        where is_open""",
    """create index dossiers_step_handed_over on dossiers (((steps -> (step_seq - 1)) ->> 'agency_id'))
        where is_open and ((steps -> (step_seq - 1)) ->> 'status') = 'handed_over'""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
