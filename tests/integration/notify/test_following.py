"""What is published of an agency that ended meanwhile reaches the people of the one that goes on."""

from sqlalchemy import func, select

from contracts.directory.roles import Role
from org.tables import agency_heirs
from tests.integration.following import an_act, learn
from tests.integration.notify.test_notifying import notified_by, submitted


def test_what_was_published_before_the_act_and_heard_after_it_reaches_the_heirs_people(world):
    province = world.an_agency()
    old, heir = world.an_agency(province), world.an_agency(province)
    author = world.a_colleague(heir, Role.DRAFTER)
    reviewer = world.a_colleague(heir, Role.REVIEWER)
    assert notified_by(world, submitted(old, author), set()) == set()
    learn(world.database, an_act([old], heir))
    assert notified_by(world, submitted(old, author), {reviewer}) == {reviewer}
    with world.database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(agency_heirs)) == 1
