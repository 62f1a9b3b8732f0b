"""What arrives becomes a contract in NFC, or a refusal that names the field."""

from unicodedata import normalize
from uuid import uuid4

import pytest

from contracts.directory.staff import RegisterPerson
from contracts.documents.documents import CreateDocument, IssueRevision
from kernel.base import wire
from kernel.base.errors import Invalid
from kernel.base.text import fold


def a_person(**changes):
    return {"request_id": str(uuid4()), "full_name": "Nguyễn Thị Hòa"} | changes


def refused(cls, raw):
    with pytest.raises(Invalid) as caught:
        wire.load(cls, raw)
    return caught.value


def test_decomposed_vietnamese_becomes_precomposed():
    person = wire.load(RegisterPerson, a_person(full_name=normalize("NFD", "Nguyễn Thị Hòa")))
    assert person.full_name == "Nguyễn Thị Hòa"


def test_an_unknown_field_of_a_newer_sender_is_passed_over():
    assert wire.load(RegisterPerson, a_person(nickname="Hòa")).full_name


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"full_name": ""}, "too_short", "fullName"),
        ({"full_name": "x" * 301}, "too_long", "fullName"),
        ({"full_name": 7}, "wrong_type", "fullName"),
        ({"email": "không phải thư"}, "wrong_form", "email"),
        ({"request_id": "7"}, "wrong_type", "requestId"),
        ({"full_name": "a\x00b"}, "forbidden_character", "fullName"),
    ],
)
def test_a_wrong_value_is_refused_with_its_field(changes, code, field):
    refusal = refused(RegisterPerson, a_person(**changes))
    assert (refusal.code, refusal.field) == (code, field)
    assert refusal.message.vi
    assert refusal.remedy.en


def test_a_missing_field_is_named_as_the_client_writes_it():
    assert refused(IssueRevision, {"request_id": str(uuid4())}).field == "documentId"


def test_a_fault_deep_inside_is_named_with_its_place():
    steps = [
        {
            "seq": 1,
            "number": "Bước 1",
            "responsible": "A",
            "content": "x",
            "duration": {"amount": 0.3, "unit": "working_day"},
        }
    ]
    raw = {
        "request_id": str(uuid4()),
        "agency_id": str(uuid4()),
        "kind": "procedure",
        "code": "QT.01",
        "title": "x",
        "upload_id": str(uuid4()),
        "procedure": {"steps": steps},
    }
    refusal = refused(CreateDocument, raw)
    assert (refusal.code, refusal.field) == ("not_a_multiple", "procedure.steps.0.duration.amount")


def test_text_is_found_without_its_diacritics():
    assert fold("Thủ tục ĐỀ NGHỊ  thay đổi") == "thu tuc de nghi thay doi"
    assert fold(normalize("NFD", "Đường")) == fold("đường") == "duong"


def test_a_trace_id_is_read_from_a_traceparent_and_from_nothing_else():
    parent = wire.new_traceparent()
    assert wire.trace_id(parent) == parent.split("-")[1]
    assert wire.trace_id("nonsense") is wire.trace_id(None) is None
