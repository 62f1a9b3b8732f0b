"""Lists of people as offices keep them: headings, encodings, separators, spreadsheets."""

from datetime import date, datetime

import openpyxl
import pytest

from ops.people import PEOPLE
from ops.sheets import BadSheet
from ops.sheets import rows_of as read


def rows_of(path):
    return read(path, PEOPLE)


HEADINGS = ["Mã nhân viên", "Họ và tên", "Mã cơ quan", "Chức danh", "Từ ngày", "Vai trò"]
LINE = ["NB.1", "Nguyễn Văn Mẫu", "H42.07", "Chuyên viên", "01/07/2025", "drafter"]


def a_file(tmp_path, text, encoding="utf-8", name="danh-sach.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def joined(separator, *lines):
    return "\r\n".join(separator.join(line) for line in lines)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_read_in_every_encoding_and_with_every_separator_a_spreadsheet_writes(
    tmp_path, encoding, separator
):
    [row] = rows_of(a_file(tmp_path, joined(separator, HEADINGS, LINE), encoding))
    assert (row.line, row.staff_number, row.full_name, row.held_from) == (2, "NB.1", LINE[1], "01/07/2025")


def test_headings_are_understood_without_diacritics_in_english_and_as_names(tmp_path):
    text = "Ma nhan vien;Full name;agency_code;CHỨC DANH\nNB.1;Nguyễn Văn Mẫu;H42.07;Kế toán"
    [row] = rows_of(a_file(tmp_path, text))
    assert (row.agency_code, row.title) == ("H42.07", "Kế toán")


def test_lines_are_numbered_as_in_the_file_and_empty_ones_left_out(tmp_path):
    rows = rows_of(a_file(tmp_path, joined(",", HEADINGS, LINE, [""] * 6, LINE)))
    assert [row.line for row in rows] == [2, 4]


@pytest.mark.parametrize(
    ("text", "encoding", "code"),
    [
        ("", "utf-8", "people_sheet_empty"),
        ("Họ và tên\nNguyễn", "utf-8", "people_sheet_columns"),
        ("Mã nhân viên,Họ và tên,Họ và tên\n1,a,b", "utf-8", "people_sheet_columns"),
        ("Mã nhân viên,Họ và tên,Lương\n1,a,5", "utf-8", "people_sheet_strange_column"),
        ("Ma nhan vien,Ho va ten\n1,Nguyên", "latin-1", "people_sheet_not_unicode"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, text, encoding, code):
    with pytest.raises(BadSheet) as refused:
        rows_of(a_file(tmp_path, text, encoding))
    assert refused.value.code == code


def test_a_spreadsheets_days_and_numbers_are_read_as_they_are_meant(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*HEADINGS, "Số định danh"])
    sheet.append([123, "Nguyễn Văn Mẫu", "H42.07", "Chuyên viên", datetime(2025, 7, 1), None, 161234567.0])
    sheet.append(["NB.2", "Trần Thị Ánh", "H42.07", "Kế toán", date(2025, 7, 2), "drafter", "037090001234"])
    path = tmp_path / "danh-sach.xlsx"
    book.save(path)
    first, second = rows_of(path)
    assert (first.staff_number, first.held_from, first.identity_number) == ("123", "2025-07-01", "161234567")
    assert (second.line, second.held_from, second.identity_number) == (3, "2025-07-02", "037090001234")


def test_what_only_calls_itself_a_spreadsheet_is_refused(tmp_path):
    with pytest.raises(BadSheet) as refused:
        rows_of(a_file(tmp_path, "không phải", name="danh-sach.xlsx"))
    assert refused.value.code == "people_sheet_unreadable"


@pytest.mark.parametrize("name", ["không-có.csv", "không-có.xlsx"])
def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path, name):
    with pytest.raises(BadSheet) as refused:
        rows_of(tmp_path / name)
    assert (refused.value.code, refused.value.facts["file"]) == ("people_sheet_unreadable", name)
