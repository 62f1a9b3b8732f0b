"""Texts that look alike are one text, or are refused by the letter that makes the difference."""

import unicodedata
from uuid import uuid4

import pytest

from contracts.audits.nonconformities import RaiseNonconformity
from contracts.cases.dossiers import RegisterDossier
from contracts.directory.staff import RegisterPerson
from contracts.documents.documents import CreateDocument, ReturnRevision
from kernel.base import forms, wire
from kernel.base.errors import Invalid

UNSEEN = {
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "word joiner": "\u2060",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "Arabic letter mark": "\u061c",
    "Hangul filler": "\u3164",
    "Braille blank": "\u2800",
    "variation selector": "\ufe0f",
    "tag": "\U000e0041",
}
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"


def a_document(**changes):
    given = {name: str(uuid4()) for name in ("request_id", "agency_id", "upload_id")}
    given |= {"kind": "procedure", "code": "QT-01", "title": "Quy trình"}
    return wire.admit(CreateDocument, given | changes)


def refused(make):
    with pytest.raises(Invalid) as caught:
        make()
    return caught.value


@pytest.mark.parametrize("sign", UNSEEN.values(), ids=UNSEEN)
def test_what_nobody_sees_makes_no_other_code_title_or_reason(sign):
    document = a_document(code=f"QT{sign}-01{sign}", title=f"{sign}Quy{sign} trình")
    assert (document.code, document.title) == ("QT-01", "Quy trình")
    assert forms.prose(f"Thiếu{sign} dấu") == "Thiếu dấu"


@pytest.mark.parametrize("sign", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("blank", ["", " ", "\n", "\u00a0", "\u3000"])
def test_a_text_of_blanks_is_an_empty_one(sign, blank):
    no = refused(lambda: a_document(title=f"{blank}{sign}{blank}"))
    assert (no.code, no.field) == ("too_short", "title")
    given = {"request_id": str(uuid4()), "document_id": str(uuid4()), "expected_version": 1}
    no = refused(lambda: wire.admit(ReturnRevision, given | {"reason": f"{blank}{sign} {blank}{sign} "}))
    assert (no.code, no.field) == ("too_short", "reason")


@pytest.mark.parametrize("dash", DASHES)
def test_every_dash_of_a_code_is_the_one_of_the_keyboard(dash):
    assert a_document(code=f"QT{dash}01").code == "QT-01"


@pytest.mark.parametrize("code", ["QT-01\n", "\tQT-01", "ＱＴ－０１", "QT-01\u2028", " QT-01 "])
def test_line_ends_wide_letters_and_blanks_around_are_no_part_of_a_code(code):
    assert a_document(code=code).code == "QT-01"


FOREIGN = [("QТ-01", "U+0422"), ("ΡT-01", "U+03A1"), ("QT-٠١", "U+0660"), ("QT-०१", "U+0966")]


@pytest.mark.parametrize(("code", "letter"), FOREIGN)
def test_letters_and_digits_of_other_scripts_are_refused_by_name(code, letter):
    no = refused(lambda: a_document(code=code))
    assert (no.code, no.field) == ("code_letter_unknown", "code")
    assert letter in no.message.vi
    assert letter in no.message.en


@pytest.mark.parametrize("stroked", ["\u0110", "\u00d0", "\u0189"])
def test_every_stroked_d_of_a_code_is_the_vietnamese_one(stroked):
    assert a_document(code=f"QT-{stroked}K").code == "QT-\u0110K"
    assert a_document(code=f"QT-{stroked.lower()}k").code == "QT-\u0111k"


@pytest.mark.parametrize("alike", "\u00d7\u0131\u0196\u01c0\u01c3\u0141\u0142\u0197\u00d8\u0220\u1e9e\u1efb")
def test_latin_letters_and_signs_that_no_vietnamese_code_holds_are_refused_by_name(alike):
    no = refused(lambda: a_document(code=f"QT{alike}01"))
    assert (no.code, no.field) == ("code_letter_unknown", "code")
    assert f"U+{ord(alike):04X}" in no.message.en


def test_every_letter_of_vietnamese_may_stand_in_a_code():
    tones, vowels = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"), "aăâeêioôơuưy"
    every = unicodedata.normalize("NFC", "".join(vowel + tone for vowel in vowels for tone in tones)) + "đ"
    for code in (every, every.upper()):
        assert forms.code(code) == code


def test_a_letter_of_another_alphabet_within_a_word_is_refused_and_a_word_of_it_is_not():
    no = refused(lambda: a_document(title="Quy trình tiếp nhậп"))
    assert (no.code, no.field) == ("letter_of_another_script", "title")
    assert "nhậп" in no.message.vi
    assert a_document(title="Bản dịch tiếng Nga: Москва").title.endswith("Москва")
    assert forms.line("nồng độ 5 μg, điện trở Ω") == "nồng độ 5 μg, điện trở Ω"


def test_vietnamese_codes_and_marks_stay_as_they_are():
    for code in ("QT.GĐ.01", "QT 01/CX-HCTP", "BM.01.07", "HD-ƯƠ/2026 (lần 2)", "1.012644"):
        assert a_document(code=code).code == code
    decomposed = unicodedata.normalize("NFD", "QT.GĐ.ƯỜ")
    assert a_document(code=decomposed).code == "QT.GĐ.ƯỜ"


def test_a_number_of_a_register_is_kept_in_capitals():
    given = {"request_id": str(uuid4()), "agency_id": str(uuid4())}
    assert wire.admit(RegisterDossier, given | {"number": "h42.07\u2013001"}).number == "H42.07-001"


def test_prose_keeps_its_lines_and_one_line_has_none():
    assert forms.prose("một\r\nhai  \rba\u2028bốn\x07") == "một\nhai\nba\nbốn"
    assert forms.line("một\r\nhai\t ba") == "một hai ba"


def test_a_place_within_is_named():
    step = {"seq": 1, "number": "B1", "responsible": "Chuyên viên", "content": "Хử lý", "duration": None}
    content = {"tthc_code": None, "legal_time": None, "steps": [step]}
    assert refused(lambda: a_document(procedure=content)).field == "procedure.steps.0.content"


def test_digits_of_other_scripts_make_no_clause():
    given = {
        "request_id": str(uuid4()),
        "agency_id": str(uuid4()),
        "severity": "minor",
        "description": "Trễ hạn",
    }
    assert refused(lambda: wire.admit(RaiseNonconformity, given | {"clause": "٧.٥"})).field == "clause"
    assert refused(lambda: wire.admit(RaiseNonconformity, given | {"clause": "7.5.x"})).code == "wrong_form"
    assert wire.admit(RaiseNonconformity, given | {"clause": "7.5\n"}).clause == "7.5"


def test_a_form_made_once_stays_as_it_is():
    for text in ("Quy trình  số 1\n", "QT\u2011\u200b01 ", "ＱＴ－０１", "một\r\n\r\nhai"):
        for form in forms.FORMS.values():
            once = form(text, ())
            assert form(once, ()) == once


def test_what_is_not_text_is_left_to_the_contract():
    assert (
        refused(lambda: wire.admit(RegisterPerson, {"request_id": str(uuid4()), "full_name": 7})).code
        == "wrong_type"
    )
    assert refused(lambda: wire.admit(RegisterPerson, [])).code == "wrong_type"
