"""Whose the current step is, in columns of its own, and the rule of dossiers asked row by row.

Behind a rule no index over a value within JSON is used, since reading it is not leakproof: what waits for
somebody was found by reading all dossiers. And a caller who reaches many agencies had all their parties read
before the first row of a page: `offset 0` keeps the planner from asking the rule for all rows at once.
"""

from alembic import op

from kernel.trust.row_security import OF_AGENCY

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "drop index dossiers_step_of_officer",
    "drop index dossiers_step_handed_over",
    """alter table dossiers
        add column step_officer_id uuid
            generated always as (((steps -> (step_seq - 1)) ->> 'officer_id')::uuid) stored,
        add column step_agency_id uuid
            generated always as (((steps -> (step_seq - 1)) ->> 'agency_id')::uuid) stored""",
    "create index dossiers_step_of_officer on dossiers (step_officer_id) where is_open",
    """create index dossiers_step_handed_over on dossiers (step_agency_id)
        where is_open and ((steps -> (step_seq - 1)) ->> 'status') = 'handed_over'""",
    f"""alter policy dossiers_seen on dossiers using ((select eiso_sees_all()) or exists (
        select from parties p where p.dossier_id = dossiers.id and p.{OF_AGENCY} offset 0))""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
