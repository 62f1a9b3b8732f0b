"""People have a home agency that keeps their record, and may be released to another.

The home agency of who is there already is where they work: the position held longest among those of today,
else the next to begin, else the last that ended; for an agency that ended the one that goes on with it.
"""

from alembic import op

revision = "0016"
down_revision = "0015"

STATEMENTS = (
    """alter table people add column home_agency_id uuid references agencies,
                       add column home_since date,
                       add column release jsonb""",
    """with recursive heirs(first, id) as (
        select agency_id, heir_id from agency_heirs
        union select heirs.first, h.heir_id from heirs join agency_heirs h on h.agency_id = heirs.id
    ), main as (
        select distinct on (person_id) person_id, agency_id, held_from
          from positions p, (select (now() at time zone 'Asia/Ho_Chi_Minh')::date as day) today
         where held_to is null or held_to > held_from
         order by person_id,
                  case when held_from > day then 1 when held_to <= day then 2 else 0 end,
                  case when held_to <= day then day - held_to end,
                  held_from, p.id
    )
    update people set home_since = main.held_from, home_agency_id = coalesce(
        (select heirs.id from heirs
          where heirs.first = main.agency_id
            and not exists (select from agency_heirs h where h.agency_id = heirs.id)),
        main.agency_id)
      from main where main.person_id = people.id""",
    "create index people_by_home on people (home_agency_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
