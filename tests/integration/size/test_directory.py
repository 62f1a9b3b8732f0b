"""Agencies, people and positions of the whole country, asked for by three who see more and less of it."""

from uuid import UUID

import pytest

from contracts.directory import agencies as c
from contracts.directory import reorganisations as r
from contracts.directory import staff
from tests.integration.directory.conftest import CHEAP
from tests.integration.plans import analyze
from tests.integration.size.callers import Asked, assert_nobody_waits_longer, tokens_of, walked
from tests.integration.size.country import OFFICER_OF, PEOPLE, PROVINCE, ROOT, found_directory, province

TABLES = (
    *("agencies", "agency_periods", "agency_nodes", "agency_places", "agency_closure"),
    *("agency_successions", "people", "positions", "position_roles"),
)
FIFTY = [UUID(int=n) for n in range(60, 110)]
QUESTIONS = {
    "agencies": ("list_agencies", c.ListAgencies()),
    "communes of a province": ("list_agencies", c.ListAgencies(parent_id=province(PROVINCE), first=100)),
    "agencies of a kind": ("list_agencies", c.ListAgencies(kind="commune")),
    "search: what all are called": ("list_agencies", c.ListAgencies(search="uy ban nhan dan")),
    "search: a common word": ("list_agencies", c.ListAgencies(search="phuong")),
    "search: a common word, of those of a kind": (
        "list_agencies",
        c.ListAgencies(search="phường", kind="commune"),
    ),
    "search: a short word": ("list_agencies", c.ListAgencies(search="xa")),
    "search: a word of hundreds": ("list_agencies", c.ListAgencies(search="tan")),
    "search: two words of many": ("list_agencies", c.ListAgencies(search="tan phu")),
    "search: a rare word": ("list_agencies", c.ListAgencies(search="ba dinh")),
    "search: nobody's": ("list_agencies", c.ListAgencies(search="khong co ai")),
    "parents": ("agencies_by_ids", c.AgenciesByIds(ids=FIFTY)),
    "histories": ("agency_histories", r.AgencyHistories(ids=FIFTY)),
    "what was taken over": ("predecessors_by_ids", r.PredecessorsByIds(ids=FIFTY)),
    "people": ("list_people", staff.ListPeople()),
    "people: a common name": ("list_people", staff.ListPeople(search="nguyen")),
    "people: two short words": ("list_people", staff.ListPeople(search="le an")),
    "people: a number": ("list_people", staff.ListPeople(search="CB00777")),
    "people of an agency": ("list_people", staff.ListPeople(agency_id=OFFICER_OF)),
    "positions of an agency": ("list_positions", staff.ListPositions(agency_id=OFFICER_OF)),
    "holders": ("people_by_ids", staff.PeopleByIds(ids=[UUID(int=200_000 + n) for n in range(50)])),
    "positions": ("positions_by_ids", staff.PositionsByIds(ids=[UUID(int=300_000 + n) for n in range(50)])),
}


@pytest.fixture
def asked(running, rpc, platform, a_token):
    service = running("directory", "rpc", **CHEAP)
    with service.database.sessions() as session:
        found_directory(session, ROOT)
        session.commit()
    analyze(platform, service.database, TABLES)
    return Asked(rpc, "directory", service.database, tokens_of(a_token, ROOT))


@pytest.mark.proof
def test_no_read_of_the_directory_walks_through_a_table(asked, record_property):
    record_property("people", PEOPLE)
    found = walked(asked, QUESTIONS, TABLES)
    assert not found, "\n".join(found)


@pytest.mark.proof
def test_who_sees_less_of_the_directory_waits_no_longer(asked, record_property):
    assert_nobody_waits_longer(asked, QUESTIONS, record_property)
