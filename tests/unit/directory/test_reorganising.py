"""What an act makes of the agencies: merged, split, dissolved, renamed as the decision says, or refused."""

from datetime import date, timedelta
from uuid import uuid4

from contracts.directory import reorganisations as r
from services.directory.agencies.domain.agency import Agency
from services.directory.reorganisations.domain.resolving import named_in
from tests.unit.directory.test_acts_against_model import BASIS, KINDS
from tests.unit.directory.towns import DAY


def new(town, **changes):
    given = {"id": uuid4(), "code": "C900", "name": "Mới", "short_name": "Mới", "kind": "unit"}
    return r.NewAgency(**given | {"parent_id": town.root} | changes)


def merge(from_ids, into_id):
    return r.AgencyMerge(from_ids=list(from_ids), into_id=into_id)


def gone(agency_id, **more):
    return r.AgencyDissolution(agency_id=agency_id, **more)


def amended(agency_id, **changes):
    return r.AgencyAmendment(agency_id=agency_id, **changes)


# -- the five ways the law knows -----------------------------------------------------------------------


def test_several_become_a_new_one_by_consolidation_and_join_an_old_one_by_absorption(town, units):
    made = new(town)
    assert town.kinds(creations=[made], merges=[merge(units[:2], made.id)]) == [
        (units[0], made.id, r.SuccessionKind.CONSOLIDATION, False),
        (units[1], made.id, r.SuccessionKind.CONSOLIDATION, False),
    ]
    assert town.kinds(merges=[merge(units[:1], units[1])]) == [
        (units[0], units[1], r.SuccessionKind.ABSORPTION, False)
    ]


def test_one_that_is_divided_ends_and_one_that_others_leave_goes_on(town, units):
    split = {"agency_id": units[0], "into_ids": units[1:3]}
    assert town.kinds(splits=[r.AgencySplit(**split)]) == [
        (units[0], units[1], r.SuccessionKind.DIVISION, False),
        (units[0], units[2], r.SuccessionKind.DIVISION, False),
    ]
    assert town.kinds(splits=[r.AgencySplit(**split, goes_on=True)]) == [
        (units[0], units[1], r.SuccessionKind.SEPARATION, True),
        (units[0], units[2], r.SuccessionKind.SEPARATION, True),
    ]
    assert list(town.outcome(splits=[r.AgencySplit(**split)]).ended) == [units[0]]
    assert town.outcome(splits=[r.AgencySplit(**split, goes_on=True)]).ended == {}


def test_functions_of_one_dissolved_are_taken_over_by_whom_the_act_names(town, units):
    assert town.kinds(dissolutions=[gone(units[0], successor_ids=units[1:3])]) == [
        (units[0], units[1], r.SuccessionKind.DISSOLUTION, False),
        (units[0], units[2], r.SuccessionKind.DISSOLUTION, False),
    ]
    assert town.kinds(dissolutions=[gone(units[0])]) == []


def test_everybody_concerned_has_a_part(town, units):
    made = new(town)
    outcome = town.outcome(
        creations=[made], merges=[merge(units[:1], units[1])], amendments=[amended(units[2], name="Tên mới")]
    )
    assert outcome.parts == {
        made.id: r.AgencyPart.CREATED,
        units[0]: r.AgencyPart.ENDED,
        units[1]: r.AgencyPart.HEIR,
        units[2]: r.AgencyPart.CHANGED,
    }


# -- where the people go -------------------------------------------------------------------------------


def heir_of(outcome, agency_id):
    heirs = outcome.heirs[agency_id]
    return set(heirs.among), heirs.rest, heirs.everybody_placed


def test_the_people_of_a_merged_agency_go_with_it_and_of_one_that_several_share_each_is_placed(town, units):
    one = town.outcome(merges=[merge(units[:1], units[1])])
    assert heir_of(one, units[0]) == ({units[1]}, units[1], True)
    shared = town.outcome(merges=[merge(units[:1], units[1]), merge(units[:1], units[2])])
    assert heir_of(shared, units[0]) == ({units[1], units[2]}, None, True)


def test_of_a_division_each_is_placed_and_of_a_separation_the_rest_stays(town, units):
    split = {"agency_id": units[0], "into_ids": units[1:3]}
    for more, expected in (
        ({}, ({units[1], units[2]}, None, True)),
        ({"rest_to": units[2]}, ({units[1], units[2]}, units[2], True)),
        ({"goes_on": True}, ({units[0], units[1], units[2]}, units[0], False)),
        ({"goes_on": True, "rest_to": units[1]}, ({units[0], units[1], units[2]}, units[1], False)),
    ):
        assert heir_of(town.outcome(splits=[r.AgencySplit(**split, **more)]), units[0]) == expected


def test_the_positions_of_one_dissolved_end_with_it(town, units):
    outcome = town.outcome(dissolutions=[gone(units[0], successor_ids=units[1:2])])
    assert heir_of(outcome, units[0]) == ({units[1]}, None, False)


# -- what is there to be changed -----------------------------------------------------------------------


def test_an_act_without_any_part_is_none(town):
    assert town.why_not() == ("reorganisation_empty", "amendments")


def test_only_what_is_there_and_was_there_before_is_changed(town, units):
    name = {"name": "Tên mới"}
    assert town.why_not(amendments=[amended(uuid4(), **name)]) == (
        "agency_not_found",
        "amendments.0.agencyId",
    )
    first = date(2020, 1, 1)
    for day, code in (
        (first - timedelta(days=1), "reorganisation_before_beginning"),
        (first, "agency_changed_since"),
    ):
        found = town.why_not(day, amendments=[amended(units[0], **name)])
        assert found == (code, "amendments.0.agencyId")
    town.outcome(first + timedelta(days=1), amendments=[amended(units[0], **name)])
    town.agencies[units[0]].cease(date(2024, 1, 1))
    assert town.why_not(amendments=[amended(units[0], **name)])[0] == "agency_has_ended"


def test_who_takes_over_may_have_begun_that_very_day(town, units):
    town.agencies[units[1]].periods[0].valid_from = DAY
    assert town.kinds(merges=[merge(units[:1], units[1])])
    assert town.why_not(merges=[merge(units[1:2], units[0])])[0] == "agency_changed_since"


def test_the_root_never_ends(town, units):
    assert town.why_not(dissolutions=[gone(town.root)]) == ("agency_root_stays", "dissolutions.0.agencyId")


def test_nobody_ends_twice_in_one_act_unless_several_merges_share_it(town, units):
    end = gone(units[0])
    assert town.why_not(dissolutions=[end, end])[1] == "dissolutions.1.agencyId"
    merged = merge(units[:1], units[1])
    assert town.why_not(merges=[merged], dissolutions=[end]) == (
        "agency_ends_in_this_act",
        "dissolutions.0.agencyId",
    )
    apart = r.AgencySplit(agency_id=units[0], into_ids=units[1:3], goes_on=True)
    assert town.why_not(splits=[apart, apart]) == ("agency_named_twice", "splits.1.agencyId")
    assert town.why_not(splits=[apart], dissolutions=[end]) == (
        "agency_named_twice",
        "dissolutions.0.agencyId",
    )


def test_one_that_ends_is_not_amended_nor_takes_over(town, units):
    end = gone(units[0])
    assert town.why_not(dissolutions=[end], amendments=[amended(units[0], name="x")]) == (
        "agency_ends_in_this_act",
        "amendments.0.agencyId",
    )
    taken = gone(units[1], successor_ids=units[:1])
    assert town.why_not(dissolutions=[taken, end])[0] == "heir_ends_too"


def test_a_merge_is_of_others_each_once_and_a_new_one_is_made_of_two_at_least(town, units):
    made = new(town)
    assert town.why_not(merges=[merge([units[0], units[0]], units[1])]) == (
        "agency_named_twice",
        "merges.0.fromIds",
    )
    assert town.why_not(creations=[made], merges=[merge(units[:1], made.id)]) == (
        "merge_of_one",
        "merges.0.fromIds",
    )
    assert town.why_not(merges=[merge([units[1], units[0]], units[0])]) == (
        "merge_into_itself",
        "merges.0.fromIds.1",
    )
    assert town.why_not(merges=[merge(units[:1], units[1])] * 2)[0] == "agency_named_twice"


def test_a_split_and_a_dissolution_name_each_successor_once_and_never_the_one_itself(town, units):
    twice, itself = [units[1], units[1]], [units[1], units[0]]
    for into in (twice, itself):
        split = r.AgencySplit(agency_id=units[0], into_ids=into, goes_on=True)
        assert town.why_not(splits=[split]) == ("agency_named_twice", "splits.0.intoIds.1")
    for into, code in ((twice, "agency_named_twice"), (itself, "agency_ends_in_this_act")):
        end = gone(units[0], successor_ids=into)
        assert town.why_not(dissolutions=[end]) == (code, "dissolutions.0.successorIds.1")
        divided = r.AgencySplit(agency_id=units[0], into_ids=into)
        assert town.why_not(splits=[divided]) == (code, "splits.0.intoIds.1")


def test_the_rest_of_a_split_goes_to_one_of_its_parts(town, units):
    split = r.AgencySplit(agency_id=units[0], into_ids=units[1:3], rest_to=units[3])
    assert town.why_not(splits=[split]) == ("rest_goes_elsewhere", "splits.0.restTo")


def test_a_new_agency_has_an_id_of_its_own(town, units):
    made = new(town)
    assert town.why_not(creations=[made, made]) == ("agency_id_taken", "creations.1.id")
    assert town.why_not(creations=[new(town, id=units[0])]) == ("agency_id_taken", "creations.0.id")


# -- what an amendment changes -------------------------------------------------------------------------


def test_an_amendment_changes_what_it_names_and_clears_what_it_clears(town, units):
    last = town.agencies[units[0]].last
    last.phone, last.address, last.aliases = "0229", "Phố 1", ["X0"]
    facts = [r.AgencyFact.PHONE, r.AgencyFact.ALIASES]
    period = town.outcome(amendments=[amended(units[0], name="Xã  Mới", clears=facts)]).changed[units[0]]
    assert (period.name, period.phone, period.aliases, period.address) == ("Xã Mới", None, [], "Phố 1")
    assert (period.valid_from, period.valid_to, period.basis) == (DAY, None, BASIS.number)
    assert (period.code, period.parent_id) == (last.code, town.root)


def test_what_is_cleared_and_is_empty_already_is_no_change(town, units):
    for facts in ([r.AgencyFact.PHONE], [r.AgencyFact.ALIASES]):
        assert town.why_not(amendments=[amended(units[0], clears=facts)]) == (
            "amendment_changes_nothing",
            "amendments.0.agencyId",
        )


# -- what stands below ---------------------------------------------------------------------------------


def parents(outcome):
    return {agency_id: period.parent_id for agency_id, period in outcome.changed.items()}


def test_what_stood_below_a_merged_agency_stands_below_its_only_heir(town, units):
    below = town.add("Phòng", units[0])
    outcome = town.outcome(merges=[merge(units[:1], units[1])])
    assert parents(outcome) == {below: units[1]}
    renamed = town.outcome(merges=[merge(units[:1], units[1])], amendments=[amended(below, name="Phòng 2")])
    assert (parents(renamed), renamed.changed[below].name) == ({below: units[1]}, "Phòng 2")


def test_where_several_share_the_agency_above_the_act_says_where_each_goes(town, units):
    below = town.add("Phòng", units[0])
    shared = [merge(units[:1], units[1]), merge(units[:1], units[2])]
    assert town.why_not(merges=shared) == ("agency_children_left", "merges.0.fromIds.0")
    moved = town.outcome(merges=shared, amendments=[amended(below, parent_id=units[2])])
    assert parents(moved) == {below: units[2]}


def test_what_leaves_later_may_not_lose_the_agency_above_it_before(town, units):
    below = town.add("Phòng", units[0])
    town.agencies[below].change(town.agencies[below].last.follow(DAY + timedelta(days=9), parent_id=units[1]))
    for parts in ({"merges": [merge(units[:1], units[1])]}, {"dissolutions": [gone(units[0])]}):
        assert town.why_not(**parts)[0] == "agency_changed_since"


def test_a_dissolution_leaves_nobody_below_it(town, units):
    below = town.add("Phòng", units[0])
    end = gone(units[0], successor_ids=units[1:2])
    assert town.why_not(dissolutions=[end]) == ("agency_children_left", "dissolutions.0.agencyId")
    assert town.outcome(dissolutions=[end, gone(below)]).changed == {}
    renamed = [amended(below, name="Phòng 2")]
    assert town.why_not(dissolutions=[end], amendments=renamed)[0] == "agency_children_left"


# -- what it speaks of ---------------------------------------------------------------------------------


def test_an_act_speaks_of_every_agency_and_code_in_it():
    ids = [uuid4() for _ in range(12)]
    plan = r.ReorganisationPlan(
        effective_on=DAY,
        basis=BASIS,
        creations=[r.NewAgency(id=ids[0], code="A", name="x", short_name="x", kind="unit", parent_id=ids[1])],
        amendments=[
            r.AgencyAmendment(agency_id=ids[2], parent_id=ids[3], code="B"),
            r.AgencyAmendment(agency_id=ids[4], name="x"),
        ],
        merges=[merge(ids[5:7], ids[7])],
        splits=[r.AgencySplit(agency_id=ids[8], into_ids=[ids[9]])],
        dissolutions=[gone(ids[10], successor_ids=[ids[11]])],
    )
    assert named_in(plan) == (set(ids), {"A", "B"})


def test_what_an_act_does_is_done_to_each_agency_from_its_day_on(town, units):
    made, act = new(town), uuid4()
    outcome = town.outcome(
        creations=[made], dissolutions=[gone(units[0])], amendments=[amended(units[1], name="Tên mới")]
    )
    [begun] = outcome.begun(act, KINDS)
    assert isinstance(begun, Agency)
    assert (begun.id, begun.begins_on, begun.last.reorganisation_id) == (made.id, DAY, act)
    changed, ended = outcome.altered(act, town.agencies.__getitem__)
    assert (changed.id, changed.last.name, changed.last.reorganisation_id) == (units[1], "Tên mới", act)
    assert (ended.id, ended.ends_on) == (units[0], DAY)
    eve = DAY - timedelta(days=1)
    assert (changed.on(eve).name, ended.on(eve).name) == ("Xã 1", "Xã 0")
