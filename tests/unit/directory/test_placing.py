"""After an act each agency has a place: a parent that fits and lasts, no ring, a code of its own."""

from datetime import date, timedelta
from uuid import uuid4

from services.directory.agencies.domain.kinds import Kind, Kinds
from tests.unit.directory.test_acts_against_model import ANY
from tests.unit.directory.test_reorganising import amended, gone, new, parents
from tests.unit.directory.towns import DAY


def test_a_parent_is_there_that_day_and_has_no_end(town, units):
    moved = [amended(units[0], parent_id=units[1])]
    assert parents(town.outcome(amendments=moved)) == {units[0]: units[1]}
    assert town.why_not(dissolutions=[gone(units[1])], amendments=moved) == (
        "agency_parent_not_there",
        "amendments.0.parentId",
    )
    town.agencies[units[1]].cease(DAY + timedelta(days=9))
    assert town.why_not(amendments=moved)[0] == "agency_parent_not_there"
    made = new(town, parent_id=uuid4())
    assert town.why_not(creations=[made]) == ("agency_parent_not_there", "creations.0.parentId")


def test_one_that_the_same_act_creates_may_stand_above(town, units):
    above = new(town)
    below = new(town, code="C901", parent_id=above.id)
    outcome = town.outcome(creations=[above, below], amendments=[amended(units[0], parent_id=above.id)])
    assert (outcome.created[below.id].parent_id, parents(outcome)) == (above.id, {units[0]: above.id})


def test_nobody_stands_below_itself_on_that_day_or_later(town, units):
    below = town.add("Phòng", units[0])
    itself, under = amended(units[0], parent_id=units[0]), amended(units[0], parent_id=below)
    for each in (itself, under):
        assert town.why_not(amendments=[each]) == ("agency_below_itself", "amendments.0.parentId")
    later = town.agencies[units[1]].last.follow(DAY + timedelta(days=9), parent_id=units[0])
    town.agencies[units[1]].change(later)
    assert town.why_not(amendments=[amended(units[0], parent_id=units[1])])[0] == "agency_below_itself"


def test_two_that_stand_below_each_other_are_found_out_by_a_third_that_comes_below_them(town, units):
    moves = [(units[0], units[1]), (units[1], units[2]), (units[2], units[1])]
    amendments = [amended(agency_id, parent_id=above) for agency_id, above in moves]
    assert town.why_not(amendments=amendments) == ("agency_below_itself", "amendments.1.parentId")


def test_who_stood_below_it_once_may_stand_above_it_now(town, units):
    below = town.add("Phòng", units[0])
    moved = town.agencies[below].last.follow(date(2024, 1, 1), parent_id=town.root)
    town.agencies[below].change(moved)
    assert parents(town.outcome(amendments=[amended(units[0], parent_id=below)])) == {units[0]: below}


STEPS = Kinds(
    [
        Kind(code="root", name_vi="Gốc", name_en="Root", parents=(), **ANY),
        Kind(code="unit", name_vi="Sở", name_en="Department", parents=("root",), **ANY),
        Kind(code="commune", name_vi="Xã", name_en="Commune", parents=("root", "unit"), **ANY),
        Kind(code="room", name_vi="Phòng", name_en="Room", parents=("unit",), **ANY),
    ]
)


def test_what_stays_below_may_stand_below_what_the_agency_above_became(town, units):
    town.table = STEPS
    room = town.add("Phòng", units[0])
    town.agencies[room].last.kind = "room"
    becomes = amended(units[0], kind="commune")
    assert town.why_not(amendments=[becomes]) == ("agency_wrong_parent", "amendments.0.parentId")
    moved = town.outcome(amendments=[becomes, amended(room, parent_id=units[1])])
    assert set(moved.changed) == {units[0], room}
    assert set(town.outcome(amendments=[becomes], dissolutions=[gone(room)]).changed) == {units[0]}
    assert town.outcome(amendments=[amended(units[0], name="Sở mới")]).changed[units[0]].kind == "unit"
    town.agencies[room].last.kind = "commune"
    town.agencies[units[0]].last.kind = "commune"
    again = town.outcome(amendments=[amended(units[0], kind="unit")])
    assert again.changed[units[0]].kind == "unit"


def test_a_code_is_held_by_one(town, units):
    codes = [town.agencies[each].last.code for each in units]
    taken = ("agency_code_taken", "amendments.0.code")
    assert town.why_not(amendments=[amended(units[0], code=codes[1])]) == taken
    assert town.why_not(creations=[new(town, code=codes[1])])[0] == "agency_code_taken"
    swapped = [amended(units[0], code=codes[1]), amended(units[1], code=codes[0])]
    assert set(town.outcome(amendments=swapped).changed) == set(units[:2])
    free = town.outcome(dissolutions=[gone(units[1])], amendments=[amended(units[0], code=codes[1])])
    assert free.changed[units[0]].code == codes[1]
    twins = [amended(units[0], code="C950"), amended(units[1], code="C950")]
    assert town.why_not(amendments=twins) == taken


def test_a_kind_stands_where_the_law_lets_it(town, units):
    second = new(town, kind="root")
    assert town.why_not(creations=[second]) == ("agency_stands_alone", "creations.0.parentId")
    strange = new(town, kind="khác")
    assert town.why_not(creations=[strange]) == ("agency_kind_unknown", "creations.0.kind")
