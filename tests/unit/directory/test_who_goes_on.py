"""Who goes on with the things of an agency that ends: exactly one, named by the act or by rule."""

from uuid import uuid4

from contracts.directory import reorganisations as r


def test_of_a_merge_all_go_to_the_one_that_takes_over(town, units):
    merge = r.AgencyMerge(from_ids=units[:2], into_id=units[2])
    assert town.heirs(merges=[merge]) == {units[0]: units[2], units[1]: units[2]}


def test_of_one_that_several_share_the_first_goes_on(town, units):
    merges = [
        r.AgencyMerge(from_ids=[units[0]], into_id=units[1]),
        r.AgencyMerge(from_ids=[units[0]], into_id=units[2]),
    ]
    assert town.heirs(merges=merges) == {units[0]: units[1]}


def test_of_a_split_the_rest_goes_on_else_the_first_else_whom_the_act_names(town, units):
    split = {"agency_id": units[0], "into_ids": units[1:3]}
    assert town.heirs(splits=[r.AgencySplit(**split)]) == {units[0]: units[1]}
    assert town.heirs(splits=[r.AgencySplit(**split, rest_to=units[2])]) == {units[0]: units[2]}
    named = r.AgencySplit(**split, rest_to=units[2], things_to=units[1])
    assert town.heirs(splits=[named]) == {units[0]: units[1]}


def test_of_a_dissolution_the_first_successor_goes_on_else_the_agency_above(town, units):
    below = town.add("Phòng", units[0])
    assert town.heirs(dissolutions=[r.AgencyDissolution(agency_id=below)]) == {below: units[0]}
    taken = r.AgencyDissolution(agency_id=below, successor_ids=units[1:3])
    assert town.heirs(dissolutions=[taken]) == {below: units[1]}
    named = r.AgencyDissolution(agency_id=below, successor_ids=units[1:3], things_to=units[2])
    assert town.heirs(dissolutions=[named]) == {below: units[2]}


def test_where_the_agency_above_ends_too_its_heir_goes_on(town, units):
    below = town.add("Phòng", units[0])
    gone = [r.AgencyDissolution(agency_id=each) for each in (below, units[0])]
    assert town.heirs(dissolutions=gone) == {below: town.root, units[0]: town.root}
    merge = r.AgencyMerge(from_ids=[units[0]], into_id=units[1])
    assert town.heirs(dissolutions=gone[:1], merges=[merge]) == {below: units[1], units[0]: units[1]}


def test_an_agency_that_the_act_creates_may_go_on(town, units):
    new = r.NewAgency(id=uuid4(), code="C999", name="Mới", short_name="Mới", kind="unit", parent_id=town.root)
    gone = r.AgencyDissolution(agency_id=units[0], things_to=new.id)
    assert town.heirs(creations=[new], dissolutions=[gone]) == {units[0]: new.id}


def test_one_that_goes_on_beside_keeps_its_things(town, units):
    split = {"agency_id": units[0], "into_ids": [units[1]], "goes_on": True}
    assert town.heirs(splits=[r.AgencySplit(**split)]) == {}
    named = r.AgencySplit(**split, things_to=units[1])
    assert town.why_not(splits=[named]) == ("things_stay", "splits.0.thingsTo")


def test_things_go_to_nobody_who_has_no_part_in_it(town, units):
    stranger = r.AgencyDissolution(agency_id=units[0], successor_ids=[units[1]], things_to=units[2])
    assert town.why_not(dissolutions=[stranger]) == ("things_go_elsewhere", "dissolutions.0.thingsTo")
    nobody = r.AgencyDissolution(agency_id=units[0], things_to=uuid4())
    assert town.why_not(dissolutions=[nobody]) == ("agency_not_found", "dissolutions.0.thingsTo")
    itself = r.AgencySplit(agency_id=units[0], into_ids=units[1:3], things_to=units[0])
    assert town.why_not(splits=[itself])[1] == "splits.0.thingsTo"


def test_an_act_that_says_a_thing_twice_or_nothing_is_refused_where_it_does(town, units):
    split = r.AgencySplit(agency_id=units[0], into_ids=units[1:2])
    assert town.why_not(splits=[split]) == ("split_into_one", "splits.0.intoIds")
    twice = r.AgencySplit(agency_id=units[0], into_ids=[units[1], units[1]])
    assert town.why_not(splits=[twice])[0] == "agency_named_twice"
    amendment = r.AgencyAmendment(agency_id=units[0], name="Khác")
    again = r.AgencyAmendment(agency_id=units[0], name="Khác nữa")
    assert town.why_not(amendments=[amendment, again]) == ("agency_named_twice", "amendments.1.agencyId")
    same = r.AgencyAmendment(agency_id=units[0], name="Xã 0")
    assert town.why_not(amendments=[same]) == ("amendment_changes_nothing", "amendments.0.agencyId")


def test_one_that_goes_on_may_give_away_to_one_alone(town, units):
    split = r.AgencySplit(agency_id=units[0], into_ids=units[1:2], goes_on=True)
    assert town.heirs(splits=[split]) == {}
