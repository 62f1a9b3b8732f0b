"""The demonstration's data: the right agencies, invented people, procedures that add up."""

import io
import re
import zipfile
from collections import Counter
from unicodedata import is_normalized
from xml.etree import ElementTree as ET

import pytest

from contracts.documents.procedures import DurationUnit
from demo.province import docx, procedures, province, staff


def test_the_province_has_97_communes_and_32_wards_each_once():
    communes = province.communes()
    assert Counter(commune.unit for commune in communes) == {"xã": 97, "phường": 32}
    assert len({commune.code for commune in communes}) == 129
    assert {"UBND phường Hoa Lư", "UBND xã Kim Sơn"} <= {commune.short_name for commune in communes}


def test_codes_have_the_shape_of_decision_20_of_2020():
    codes = [agency.code for agency in province.agencies()]
    assert all(re.fullmatch(r"[A-Y]\d{2}(\.[0-9A-Z]+)*", code) and len(code) <= 35 for code in codes)
    assert len(codes) == len(set(codes)) == 145


def test_every_name_is_composed_unicode_without_stray_spaces():
    names = [agency.name for agency in province.agencies()] + [m.full_name for m in staff.members()]
    assert all(is_normalized("NFC", name) and name == " ".join(name.split()) for name in names)


def test_staff_are_the_same_on_every_machine():
    members = staff.members()
    assert members == staff.members()
    assert len(members) == 3 + 16 * 6 + 2 + 129 * 3
    assert len({member.username for member in members}) == len(members)
    assert all(member.email.endswith(".example") for member in members)


def test_each_department_can_draft_review_and_approve_with_different_people():
    for agency in province.departments():
        held = {m.key: set(m.roles) for m in staff.members() if m.agency_code == agency.code}
        assert set(held) >= {"head", "deputy", "secretary", "division", "officer", "counter"}
        assert staff.Role.RECEPTIONIST in held["counter"]
        assert staff.Role.DRAFTER in held["secretary"]
        assert staff.Role.REVIEWER in held["division"]
        assert staff.Role.APPROVER in held["head"] & held["deputy"]


def test_only_leaders_and_auditors_hold_roles_for_the_whole_province():
    wide = {(m.agency_code, m.key): set(m.of_province) for m in staff.members() if m.of_province}
    assert {code for code, _ in wide} == {"H42", "H42.008"}
    auditors = {staff.Role.LEAD_AUDITOR, staff.Role.INTERNAL_AUDITOR}
    assert wide["H42.008", "lead"] == auditors
    assert all(held == {staff.Role.READER} for (code, _), held in wide.items() if code == "H42")


def test_the_steps_of_qttp_20_add_up_to_its_legal_time():
    procedure = procedures.read("qttp_20").procedure
    counted = [
        s.duration for s in procedure.steps if s.duration and s.duration.unit is DurationUnit.WORKING_DAY
    ]
    assert sum(duration.amount for duration in counted) == procedure.legal_time.amount == 30


def test_qttp_20_has_15_numbered_steps_in_17_rows_and_three_blocks():
    steps = procedures.read("qttp_20").procedure.steps
    assert [step.seq for step in steps] == list(range(1, 18))
    assert len(dict.fromkeys(step.number for step in steps)) == 15
    assert len(dict.fromkeys(step.block for step in steps)) == 3
    assert {step.number for step in steps if step.shares_duration_of == 8} == {
        f"Bước {number}" for number in range(7, 14)
    }
    assert {step.number: step.returns_to for step in steps if step.returns_to} == {
        "Bước 4": "Bước 3",
        "Bước 5": "Bước 4",
    }
    assert steps[-1].duration.unit is DurationUnit.OFFICE_HOURS


@pytest.mark.parametrize("name", procedures.names())
def test_every_procedure_points_only_at_its_own_rows_and_an_agency_there_is(name):
    given = procedures.read(name)
    numbers = {step.number for step in given.procedure.steps}
    rows = {step.seq for step in given.procedure.steps}
    assert given.agency_code in {agency.code for agency in province.agencies()}
    assert {s.returns_to for s in given.procedure.steps if s.returns_to} <= numbers
    assert {s.shares_duration_of for s in given.procedure.steps if s.shares_duration_of} <= rows


@pytest.mark.parametrize("name", procedures.names())
def test_a_procedures_word_file_is_well_formed_and_always_the_same(name):
    given = procedures.read(name)
    made = [docx.document(given, agency="Sở A & B", revision=1, effective="10/08/2026") for _ in range(2)]
    assert made[0] == made[1]
    with zipfile.ZipFile(io.BytesIO(made[0])) as archive:
        texts = "".join(ET.fromstring(archive.read("word/document.xml")).itertext())
    assert "SỞ A & B" in texts
    assert all(step.content in texts for step in given.procedure.steps)
