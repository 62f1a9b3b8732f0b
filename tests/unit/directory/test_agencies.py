"""Where an agency may stand, and what it is on which day."""

from datetime import date, timedelta

import pytest

from kernel.base.errors import Invalid
from services.directory import rules
from services.directory.agencies.domain.agency import Agency
from tests.unit.directory.factories import KINDS, a_department, a_period, a_province


def test_entering_an_agency_tells_the_state_that_results():
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


def test_a_kind_that_stands_under_none_is_told_to_leave_the_parent_out():
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


def test_the_trail_shows_the_periods_in_the_agencys_own_chain():
    province = a_province()
    assert province.trail_agency == province.id
    assert province.snapshot()["periods"][0]["name"] == "Ủy ban nhân dân tỉnh Ninh Bình"


def test_every_kinds_parents_are_kinds_of_the_same_days():
    for day in (date(2025, 6, 30), date(2025, 7, 1), date(2026, 8, 10)):
        kinds = KINDS.on(day)
        assert {parent for kind in kinds.values() for parent in kind.parents} <= set(kinds)


def test_the_root_of_the_data_file_may_stand_at_the_root():
    root = rules.root_agency()
    KINDS.check_place(root.kind, None, root.valid_from)
