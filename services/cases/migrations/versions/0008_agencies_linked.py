"""Which agency lets which other bring it dossiers, and who brought each dossier."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    """create table agency_links (
        id uuid primary key,
        version integer not null,
        agency_id uuid not null,
        receiving_agency_id uuid not null,
        basis text not null,
        valid_from date not null,
        valid_to date,
        check (agency_id <> receiving_agency_id),
        check (valid_to is null or valid_to >= valid_from)
    )""",
    "create index agency_links_by_competent on agency_links (agency_id, receiving_agency_id)",
    "create index agency_links_by_receiving on agency_links (receiving_agency_id)",
    """alter table dossiers
        add column brought_by_id uuid,
        add column brought_by_position_id uuid,
        add column brought_by_client_id uuid""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
