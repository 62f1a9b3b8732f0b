"""Where an agency may stand, and what it is on which day."""

from dataclasses import fields
from datetime import date, timedelta
from uuid import uuid4

import pytest

from contracts.directory.staff import StandardDuty
from kernel.base.errors import Invalid
from services.directory import rules
from services.directory.agencies.domain.agency import Agency, AgencyPeriod
from services.directory.agencies.domain.outcome import Heirs, Outcome
from services.directory.agencies.domain.tidy import AMENDABLE, tidy
from tests.unit.directory.factories import KINDS, a_department, a_period, a_province


def test_entering_an_agency_publishes_the_state_that_results():
    province = a_province()
    [event] = province.drain()
    assert (event.agency_id, event.code, event.kind) == (province.id, "H42", "province")
    assert event.valid_from == date(2025, 7, 1)


def test_a_department_stands_under_the_province():
    province = a_province()
    department = a_department(province)
    assert department.on(date(2026, 1, 1)).parent_id == province.id


def test_a_department_may_not_stand_at_the_root():
    with pytest.raises(Invalid) as refused:
        Agency.enter(a_period(kind="department"), parent=None, kinds=KINDS)
    assert (refused.value.code, refused.value.field) == ("agency_needs_parent", "parentId")
    assert "UBND tỉnh" in refused.value.remedy.vi


def test_a_commune_may_not_stand_under_a_department():
    province = a_province()
    department = a_department(province)
    with pytest.raises(Invalid, match="agency_wrong_parent"):
        a_department(department, kind="commune")


def test_a_commune_stands_under_the_province_only_since_the_districts_are_gone():
    KINDS.check_place("commune", "province", date(2025, 7, 1))
    with pytest.raises(Invalid, match="agency_wrong_parent"):
        KINDS.check_place("commune", "province", date(2025, 6, 30))


def test_there_is_no_district_from_july_2025_on():
    KINDS.check_place("district", "province", date(2025, 6, 30))
    with pytest.raises(Invalid, match="agency_kind_unknown") as refused:
        KINDS.check_place("district", "province", date(2025, 7, 1))
    assert "commune" in refused.value.remedy.en
    assert "district" not in refused.value.remedy.en


def test_a_kind_that_stands_under_none_is_asked_to_leave_the_parent_out():
    with pytest.raises(Invalid, match="agency_stands_alone") as refused:
        KINDS.check_place("province", "department", date(2026, 1, 1))
    assert "parentId" in refused.value.remedy.en


def test_before_all_kinds_a_later_day_is_asked_for_and_no_empty_choice_is_offered():
    with pytest.raises(Invalid, match="agency_kinds_none") as refused:
        KINDS.check_place("commune", "province", date(1900, 1, 1))
    assert refused.value.field == "validFrom"


def test_an_agency_may_not_be_older_than_its_parent():
    province = a_province()
    with pytest.raises(Invalid, match="agency_parent_not_there"):
        a_department(province, valid_from=date(2025, 6, 30))


def test_an_agency_is_there_from_its_first_day_until_the_day_it_ends():
    province = a_province()
    first = province.periods[0]
    first.valid_to = date(2027, 1, 1)
    assert province.on(first.valid_from) is first
    assert province.on(first.valid_from - timedelta(days=1)) is None
    assert province.on(date(2026, 12, 31)) is first
    assert province.on(date(2027, 1, 1)) is None


def told(agency):
    """For each event the name, first day and end of the latest state, and how many states there are."""
    return [(each.name, each.valid_from, each.valid_to, len(each.periods)) for each in agency.drain()]


def test_a_change_and_an_end_are_published_with_all_that_it_ever_was():
    province, day, end = a_province(), date(2026, 3, 1), date(2027, 1, 1)
    province.drain()
    first = province.last
    province.change(first.follow(day, name="Tên mới"))
    assert told(province) == [("Tên mới", day, None, 2)]
    assert (first.valid_to, province.changed_on, province.ends_on) == (day, day, None)
    province.cease(end)
    assert told(province) == [("Tên mới", day, end, 2)]
    assert (province.changed_on, province.ends_on, province.begins_on) == (end, end, date(2025, 7, 1))


def test_what_follows_has_the_facts_of_before_but_for_what_changes_and_no_end():
    before = a_period(valid_to=date(2026, 3, 1), phone="0228", aliases=["G1"])
    after = before.follow(date(2026, 3, 1), phone="0229")
    assert (after.name, after.phone, after.aliases) == (before.name, "0229", ["G1"])
    assert (after.valid_from, after.valid_to) == (date(2026, 3, 1), None)


def test_a_duty_to_the_standard_is_its_kinds_unless_it_is_said():
    assert a_province().last.standard is KINDS.get("province", date(2025, 7, 1)).standard
    [other] = [each for each in StandardDuty if each is not a_province().last.standard][:1]
    said = Agency.enter(a_period(standard=other), parent=None, kinds=KINDS)
    assert said.last.standard is other


def test_names_are_kept_without_blanks_to_spare_and_never_blank():
    kept = tidy(a_period(name="  Sở  Nội vụ ", short_name=" Sở\tNV "))
    assert (kept.name, kept.short_name) == ("Sở Nội vụ", "Sở NV")
    for name, field in (("name", "name"), ("short_name", "shortName")):
        with pytest.raises(Invalid, match="name_is_blank") as refused:
            tidy(a_period(**{name: "  "}))
        assert refused.value.field == field
        with pytest.raises(Invalid) as refused:
            tidy(a_period(**{name: ""}), "creations.0")
        assert refused.value.field == f"creations.0.{field}"


def test_an_alias_is_another_than_the_code_and_stands_once():
    assert tidy(a_period(code="H42", aliases=["G1", "H42", "G2", "G1"])).aliases == ["G1", "G2"]


def test_every_fact_of_an_agency_but_its_history_may_be_amended():
    fixed = {"agency_id", "valid_from", "valid_to", "basis", "reorganisation_id"}
    assert set(AMENDABLE) == {each.name for each in fields(AgencyPeriod)} - fixed


def test_of_agencies_that_end_those_go_on_whose_heir_is_known():
    ended, alone, heir = (uuid4() for _ in range(3))
    outcome = Outcome(day=date(2026, 3, 1), ended={ended: "x", alone: "y"})
    outcome.heirs = {ended: Heirs(path="x", things=heir), alone: Heirs(path="y")}
    assert [(each.agency_id, each.heir_id) for each in outcome.continuations] == [(ended, heir)]


def test_the_trail_shows_the_periods_in_the_agencys_own_chain():
    province = a_province()
    assert province.trail_agency == province.id
    [period] = province.snapshot()["periods"]
    assert (period["name"], period["code"]) == ("Ủy ban nhân dân tỉnh Ninh Bình", "H42")
    assert "agency_id" not in period


def test_every_kinds_parents_are_kinds_of_the_same_days():
    for day in (date(2025, 6, 30), date(2025, 7, 1), date(2026, 8, 10)):
        kinds = KINDS.on(day)
        assert {parent for kind in kinds.values() for parent in kind.parents} <= set(kinds)


def test_the_root_of_the_data_file_may_stand_at_the_root():
    root = rules.root_agency()
    KINDS.check_place(root.kind, None, root.valid_from)
