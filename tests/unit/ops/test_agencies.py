"""`eiso agencies`: every line judged by itself and against the others, before anything is entered."""

from datetime import date

import pytest

from deploy import units
from ops.agencies import AGENCIES, AgencyRow, judge
from ops.sheets import rows_of

DAY = date(2025, 7, 1)
ROOT = {"H42": {"id": "1", "code": "H42", "name": "UBND tỉnh"}}


def a_row(line=1, **changes):
    given = {"code": f"H42.{line:03}", "name": f"Sở {line}", "kind": "department", "parent_code": "H42"}
    return AgencyRow(line=line, **given | changes)


def codes(judged):
    return sorted(each.code for each in judged.bad)


def test_each_comes_after_the_one_above_it_and_stretches_are_no_longer_than_an_act_takes():
    below = a_row(1, code="H42.900.1", parent_code="H42.900", kind="sub_department")
    rows = [below, a_row(2, code="H42.900"), *(a_row(n) for n in range(3, 403))]
    judged = judge(rows, ROOT, DAY)
    assert judged.bad == []
    assert [len(stretch) for _, stretch in judged.stretches] == [200, 200, 2]
    order = [row.code for _, stretch in judged.stretches for row in stretch]
    assert order.index("H42.900") < order.index("H42.900.1")


def test_lines_of_other_days_are_acts_of_their_own():
    rows = [a_row(1, valid_from="01/07/2025"), a_row(2, valid_from="2025-09-01"), a_row(3)]
    assert [day for day, _ in judge(rows, ROOT, DAY).stretches] == [DAY, date(2025, 9, 1), DAY]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("agency_row_code", {"code": "h42.001"}),
        ("agency_row_code", {"code": "H42." + "1" * 40}),
        ("agency_row_differs", {"code": "H42"}),
        ("agency_row_nameless", {"name": ""}),
        ("agency_row_parent", {"parent_code": "H99"}),
        ("agency_row_day", {"valid_from": "31/02/2025"}),
    ],
)
def test_what_is_wrong_with_a_line_is_said(code, changes):
    assert codes(judge([a_row(**changes)], ROOT, DAY)) == [code]


def test_a_line_without_a_day_needs_one_for_all():
    assert codes(judge([a_row()], ROOT, None)) == ["agency_row_day"]


def test_the_same_code_twice_is_named_with_the_other_line():
    [remark] = judge([a_row(1, code="H42.1"), a_row(2, code="H42.1")], ROOT, DAY).bad
    assert (remark.line, remark.facts["other"]) == (1, 2)


def test_a_ring_is_found_and_nothing_of_it_created():
    rows = [a_row(1, parent_code="H42.002"), a_row(2, parent_code="H42.001")]
    judged = judge(rows, ROOT, DAY)
    assert codes(judged) == ["agency_row_ring", "agency_row_ring"]
    assert judged.creating == 0


def test_what_is_there_already_is_left_alone():
    judged = judge([a_row(1, code="H42", name="UBND tỉnh", parent_code="H42")], ROOT, DAY)
    assert (judged.creating, judged.unchanged, judged.bad) == (0, 1, [])


def test_headings_are_read_in_vietnamese_and_english(tmp_path):
    path = tmp_path / "co-quan.csv"
    path.write_text(
        "Mã cơ quan;Tên cơ quan;Kind;Code of the agency above\nH42.1;Sở A;department;H42", "utf-8"
    )
    [row] = rows_of(path, AGENCIES)
    assert (row.line, row.code, row.kind, row.parent_code) == (2, "H42.1", "department", "H42")


def test_the_list_of_the_country_holds_every_province_with_codes_given_once():
    provinces = units.provinces(DAY)
    communes = [each for province in provinces for each in units.communes(province.province, DAY)]
    assert (len(provinces), len(communes)) == (34, 3321)
    assert len({each.code for each in communes}) == len(communes)
    assert {each.unit for each in communes} == {"xã", "phường", "đặc khu"}
    assert all(units.communes(province.province, DAY) for province in provinces)


def test_before_its_first_day_the_list_says_nothing():
    with pytest.raises(ValueError, match="no list of units"):
        units.provinces(date(2025, 6, 30))
