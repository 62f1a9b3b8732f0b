"""The demonstration's past on real servers: entered by commands, it reads back as it was on each day."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.directory import agencies as c
from contracts.directory import reorganisations as r
from demo.province import past, province

FIRST, SECOND = date(2024, 9, 1), date(2025, 7, 1)
EVE, BETWEEN = FIRST - timedelta(days=1), date(2024, 12, 31)
NEW_COMMUNES = 15


@pytest.fixture(scope="module")
def business_today():
    return date(2026, 8, 10)


@pytest.fixture
def ids(directory, business_clock, business_today):
    """Code → id, once everything was entered and all acts are applied."""
    business_clock(f"{business_today}T08:00+07:00")
    known = {province.province().code: directory.root_id}
    for unit in past.before():
        entered = directory.ok(
            "create_agency",
            c.CreateAgency(
                request_id=uuid4(),
                code=unit.code,
                name=unit.name,
                short_name=unit.short_name,
                kind=unit.kind,
                parent_id=known[unit.parent],
                valid_from=unit.valid_from,
                basis=unit.basis,
            ),
        )
        known[unit.code] = UUID(entered["id"])
    known |= {each.code: uuid4() for each in past.created()}
    for act in past.acts(known):
        done = directory.ok("reorganise", r.Reorganise(request_id=uuid4(), **vars(act)))
        assert done["state"] == "applied", done
    return known


def on(directory, day, **asked):
    """Code → what is there that day."""
    found, after = {}, None
    while True:
        question = c.ListAgencies(first=100, after=after, as_of=day, **asked)
        page = directory.ok("list_agencies", question)
        found |= {each["code"]: each for each in page["items"]}
        if not page["has_next"]:
            return found
        after = page["cursors"][-1]


def successors(directory, agency_id):
    found = directory.ok("successors_by_ids", {"ids": [agency_id]})
    return sorted((each["successor_id"], each["began_on"], each["kind"]) for each in found)


def test_each_day_has_the_units_of_that_day(directory, ids):
    eve, between, after = (on(directory, day) for day in (EVE, BETWEEN, SECOND))
    city, rural = "CU.NAMDINH.NAMDINH", "CU.NAMDINH.MYLOC"
    assert {city, rural, f"{city}.THONGNHAT", "CU.NAMDINH"} <= set(eve)
    assert len(eve) == 1 + len(past.before())
    below_city = {code for code, each in between.items() if each["parent_id"] == str(ids[city])}
    assert len(below_city) == 21
    assert {f"{rural}.MYLOC", f"{city}.HUNGLOC"} <= below_city
    assert {rural, f"{city}.THONGNHAT"} & set(between) == set()
    communes = {each.code: each.name for each in province.communes()}
    assert {code: each["name"] for code, each in after.items() if code != "H42"} == {
        code: name for code, name in communes.items() if code in ids
    }
    assert len(after) == 1 + NEW_COMMUNES


def test_what_was_is_found_and_says_what_became_of_it(directory, ids):
    found = on(directory, None, search="Lộc Vượng", ended=True)
    [code] = found
    assert code == "CU.NAMDINH.NAMDINH.LOCVUONG"
    assert successors(directory, ids[code]) == [(str(ids["H42.13666"]), str(SECOND), "consolidation")]
    found = on(directory, None, search="thong nhat", ended=True)
    [gone] = found.values()
    assert (gone["valid_to"], successors(directory, gone["id"])) == (str(FIRST), [])
    [act] = directory.ok("list_reorganisations", r.ListReorganisations(agency_id=UUID(gone["id"])))["items"]
    assert "chưa rõ" in act["basis"]["subject"]
    assert on(directory, None, search="Lộc Vượng") == {}, "it is not there today"


def test_a_commune_that_moved_keeps_both_its_places(directory, ids):
    commune = ids["CU.NAMDINH.MYLOC.MYPHUC"]
    states = directory.ok("agency_histories", {"ids": [commune]})
    above = [(each["valid_from"], each["valid_to"], each["parent_id"]) for each in states]
    rural, city = str(ids["CU.NAMDINH.MYLOC"]), str(ids["CU.NAMDINH.NAMDINH"])
    assert above == [
        (str(past.first_day()), str(FIRST), rural),
        (str(FIRST), str(SECOND), city),
    ]
    assert successors(directory, ids["CU.NAMDINH"]) == [(str(directory.root_id), str(SECOND), "absorption")]
