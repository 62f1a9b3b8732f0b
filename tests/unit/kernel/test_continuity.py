"""Who goes on with what, against a slow model that lets every thing walk day by day."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.succession import Attribution
from kernel.trust.reach import Reach
from org.succession import Heirs, Link

FIRST = date(2025, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(12)]
AGENCIES = [UUID(int=n) for n in range(1, 9)]


@st.composite
def endings(draw):
    """Agency → the day it ends and its heir, which is still there that day."""
    found: dict[UUID, tuple[date, UUID]] = {}
    for day in DAYS[1:]:
        there = [each for each in AGENCIES if each not in found]
        ending = draw(st.lists(st.sampled_from(there), max_size=3, unique=True))
        staying = [each for each in there if each not in ending]
        for each in ending if staying else []:
            found[each] = (day, draw(st.sampled_from(staying)))
    return found


def known(ends):
    return Heirs({each: Link(heir_id=heir, since=day, basis="1") for each, (day, heir) in ends.items()})


def walked(ends, agency, until):
    """A thing that starts with the agency and goes to the heir on the day its keeper ends."""
    for day in DAYS:
        if day <= until and agency in ends and ends[agency][0] == day:
            agency = ends[agency][1]
    return agency


@given(endings())
def test_a_thing_is_on_every_day_with_whom_it_would_have_walked_to(ends):
    heirs = known(ends)
    for agency in AGENCIES:
        assert [heirs.on(agency, day) for day in DAYS] == [walked(ends, agency, day) for day in DAYS]
        assert heirs.now(agency) == walked(ends, agency, DAYS[-1])
        assert heirs.now(agency) not in ends


@given(endings(), st.lists(st.sampled_from(AGENCIES), unique=True))
def test_a_line_holds_all_whose_things_are_with_one_of_them_today(ends, asked):
    heirs = known(ends)
    standing = [each for each in asked if each not in ends]
    line = heirs.lineage(standing)
    assert len(line) == len(set(line))
    assert set(line) == {each for each in AGENCIES if heirs.now(each) in standing}


@given(endings(), st.lists(st.sampled_from(AGENCIES), unique=True))
def test_what_was_is_seen_by_who_goes_on_and_by_nobody_else(ends, reached):
    heirs = known(ends)
    reach = Reach(everything=False, agency_ids=tuple(reached))
    now = heirs.reached(reach, AGENCIES, Attribution.AS_NOW)
    assert set(now) == set(reached)
    then = heirs.reached(reach, AGENCIES, Attribution.AS_THEN)
    assert set(then) == {each for each in AGENCIES if each in reached or heirs.now(each) in reached}
