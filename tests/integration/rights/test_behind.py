"""Behind the queries: a question that forgets its filter shows nothing of others, to any caller."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text

from kernel.base import clock
from kernel.trust.identity import PUBLIC, Actor
from kernel.trust.trail import Origin
from kernel.work.unit_of_work import question
from services.audits.nonconformities.tables import nonconformities
from services.cases.dossiers.tables import dossiers, parties
from services.documents.documents.tables import parties as document_parties
from services.documents.documents.tables import revisions
from tests.integration.rights.ground import REACHING, RELATIONS

TABLES = {
    "cases": (dossiers, parties),
    "audits": (nonconformities,),
    "documents": (revisions, document_parties),
}


def seen(field, actor, table):
    """How many rows somebody is shown by a query without any filter."""
    origin = Origin(actor=actor, action="forgotten", occurred_at=clock.business_now())
    with question(field.spoken.means.database, origin, 5) as session:
        return len(session.execute(select(table)).all())


@pytest.mark.parametrize("name", TABLES)
def test_a_query_without_its_filter_shows_nothing_foreign(field_of, name):
    field = field_of(name)
    for table in TABLES[name]:
        for relation in RELATIONS:
            shown = seen(field, field.ground.standing(relation, "case_officer"), table)
            assert bool(shown) is (relation in REACHING), (table.name, relation)
        assert seen(field, PUBLIC, table) == 0
        assert seen(field, Actor.client(uuid4(), [], [(field.ground.sibling, True)]), table) == 0
        everything = seen(field, Actor.system("sweep"), table)
        assert everything > 0, "what the platform does by itself sees all"
        assert seen(field, Actor.client(uuid4(), [], [(field.ground.department, False)]), table) == everything


def test_what_one_was_shown_is_no_more_shown_to_the_next_on_the_same_connection(field_of):
    field = field_of("cases")
    own = field.ground.standing("own", "case_officer")
    foreign = field.ground.standing("foreign", "case_officer")
    for _ in range(5):
        assert (seen(field, own, dossiers), seen(field, foreign, dossiers)) == (1, 0)


def test_operators_and_what_writes_see_everything(field_of, databases):
    from kernel.data.database import Database

    field = field_of("cases")
    ops = Database(databases.url_as("ops", field.spoken.means.database), pool=1)
    try:
        with ops.sessions() as session:
            assert len(session.execute(select(dossiers)).all()) == 1
    finally:
        ops.close()
    with field.spoken.means.database.sessions() as session:
        assert len(session.execute(select(parties)).all()) == 1


def test_what_stood_below_once_is_seen_no_more_from_the_day_it_left(field_of):
    field = field_of("cases")
    below = Actor.client(uuid4(), [], [(field.ground.department, True)])

    def reached():
        origin = Origin(actor=below, action="forgotten", occurred_at=clock.business_now())
        with question(field.spoken.means.database, origin, 5) as session:
            return set(session.scalar(text("select eiso_reach()")))

    assert reached() == {field.ground.department, field.ground.child}
    with field.spoken.means.database.engine.begin() as connection:
        ended = "update agency_closure set valid_to = :day where descendant_id = :id"
        connection.execute(text(ended), {"day": clock.today(), "id": field.ground.child})
    assert reached() == {field.ground.department}
