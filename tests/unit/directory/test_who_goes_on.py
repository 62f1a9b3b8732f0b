"""Who goes on with the things of an agency that ends: exactly one, named by the act or by rule."""

from datetime import date
from uuid import uuid4

import pytest

from contracts.directory import reorganisations as r
from kernel.base.errors import Refusal
from services.directory.agencies.domain.agency import Agency, AgencyPeriod
from services.directory.reorganisations.domain.resolving import resolve
from tests.unit.directory.test_acts_against_model import BASIS, KINDS, Forest

DAY = date(2025, 7, 1)


class Tree(Forest):
    """A root and units below it, by name."""

    def __init__(self):
        super().__init__()
        self.root = self.add("Gốc", None)

    def add(self, name, parent):
        period = AgencyPeriod(
            agency_id=uuid4(),
            valid_from=date(2020, 1, 1),
            code=f"C{len(self.agencies):03}",
            name=name,
            short_name=name,
            kind="unit" if parent else "root",
            parent_id=parent,
        )
        agency = Agency.begin(period, KINDS)
        self.agencies[agency.id] = agency
        return agency.id

    def heirs(self, **parts):
        plan = r.ReorganisationPlan(effective_on=DAY, basis=BASIS, **parts)
        outcome = resolve(plan, self, KINDS)
        return {each.agency_id: each.heir_id for each in outcome.continuations}

    def refused(self, **parts):
        with pytest.raises(Refusal) as no:
            self.heirs(**parts)
        return no.value.code, no.value.field


@pytest.fixture
def tree():
    return Tree()


@pytest.fixture
def units(tree):
    return [tree.add(f"Xã {n}", tree.root) for n in range(4)]


def test_of_a_merge_all_go_to_the_one_that_takes_over(tree, units):
    merge = r.AgencyMerge(from_ids=units[:2], into_id=units[2])
    assert tree.heirs(merges=[merge]) == {units[0]: units[2], units[1]: units[2]}


def test_of_one_that_several_share_the_first_goes_on(tree, units):
    merges = [
        r.AgencyMerge(from_ids=[units[0]], into_id=units[1]),
        r.AgencyMerge(from_ids=[units[0]], into_id=units[2]),
    ]
    assert tree.heirs(merges=merges) == {units[0]: units[1]}


def test_of_a_split_the_rest_goes_on_else_the_first_else_whom_the_act_names(tree, units):
    split = {"agency_id": units[0], "into_ids": units[1:3]}
    assert tree.heirs(splits=[r.AgencySplit(**split)]) == {units[0]: units[1]}
    assert tree.heirs(splits=[r.AgencySplit(**split, rest_to=units[2])]) == {units[0]: units[2]}
    named = r.AgencySplit(**split, rest_to=units[2], things_to=units[1])
    assert tree.heirs(splits=[named]) == {units[0]: units[1]}


def test_of_a_dissolution_the_first_successor_goes_on_else_the_agency_above(tree, units):
    below = tree.add("Phòng", units[0])
    assert tree.heirs(dissolutions=[r.AgencyDissolution(agency_id=below)]) == {below: units[0]}
    taken = r.AgencyDissolution(agency_id=below, successor_ids=units[1:3])
    assert tree.heirs(dissolutions=[taken]) == {below: units[1]}
    named = r.AgencyDissolution(agency_id=below, successor_ids=units[1:3], things_to=units[2])
    assert tree.heirs(dissolutions=[named]) == {below: units[2]}


def test_where_the_agency_above_ends_too_its_heir_goes_on(tree, units):
    below = tree.add("Phòng", units[0])
    gone = [r.AgencyDissolution(agency_id=each) for each in (below, units[0])]
    assert tree.heirs(dissolutions=gone) == {below: tree.root, units[0]: tree.root}
    merge = r.AgencyMerge(from_ids=[units[0]], into_id=units[1])
    assert tree.heirs(dissolutions=gone[:1], merges=[merge]) == {below: units[1], units[0]: units[1]}


def test_an_agency_that_the_act_creates_may_go_on(tree, units):
    new = r.NewAgency(id=uuid4(), code="C999", name="Mới", short_name="Mới", kind="unit", parent_id=tree.root)
    gone = r.AgencyDissolution(agency_id=units[0], things_to=new.id)
    assert tree.heirs(creations=[new], dissolutions=[gone]) == {units[0]: new.id}


def test_one_that_goes_on_beside_keeps_its_things(tree, units):
    split = {"agency_id": units[0], "into_ids": [units[1]], "goes_on": True}
    assert tree.heirs(splits=[r.AgencySplit(**split)]) == {}
    named = r.AgencySplit(**split, things_to=units[1])
    assert tree.refused(splits=[named]) == ("things_stay", "splits.0.thingsTo")


def test_things_go_to_nobody_who_has_no_part_in_it(tree, units):
    stranger = r.AgencyDissolution(agency_id=units[0], successor_ids=[units[1]], things_to=units[2])
    assert tree.refused(dissolutions=[stranger]) == ("things_go_elsewhere", "dissolutions.0.thingsTo")
    nobody = r.AgencyDissolution(agency_id=units[0], things_to=uuid4())
    assert tree.refused(dissolutions=[nobody]) == ("agency_not_found", "dissolutions.0.thingsTo")
    itself = r.AgencySplit(agency_id=units[0], into_ids=units[1:3], things_to=units[0])
    assert tree.refused(splits=[itself])[1] == "splits.0.thingsTo"


def test_an_act_that_says_a_thing_twice_or_nothing_is_refused_where_it_does(tree, units):
    split = r.AgencySplit(agency_id=units[0], into_ids=units[1:2])
    assert tree.refused(splits=[split]) == ("split_into_one", "splits.0.intoIds")
    twice = r.AgencySplit(agency_id=units[0], into_ids=[units[1], units[1]])
    assert tree.refused(splits=[twice])[0] == "agency_named_twice"
    amendment = r.AgencyAmendment(agency_id=units[0], name="Khác")
    again = r.AgencyAmendment(agency_id=units[0], name="Khác nữa")
    assert tree.refused(amendments=[amendment, again]) == ("agency_named_twice", "amendments.1.agencyId")
    same = r.AgencyAmendment(agency_id=units[0], name="Xã 0")
    assert tree.refused(amendments=[same]) == ("amendment_changes_nothing", "amendments.0.agencyId")


def test_one_that_goes_on_may_give_away_to_one_alone(tree, units):
    split = r.AgencySplit(agency_id=units[0], into_ids=units[1:2], goes_on=True)
    assert tree.heirs(splits=[split]) == {}
