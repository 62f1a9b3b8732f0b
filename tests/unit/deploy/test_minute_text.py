"""The reader by which the story looks into a minute: it finds what was written, and nothing else."""

from datetime import UTC, datetime
from unicodedata import category
from uuid import uuid4

import pytest

from contracts.directory.events import PositionHandedOver
from contracts.directory.hand_overs import Signed, SigningPart
from contracts.duties import DutyKind, DutySubject, HandedThing
from demo.story import minute
from services.audits.minutes import rendering as minutes

MOMENT = datetime(2026, 11, 17, 1, tzinfo=UTC)
PEOPLE = {"giver": "Đinh Thị Mẫu", "receiver": "Trần Văn Ưởng", "leader": "Nguyễn Quỳnh (Phó) ửẵỡ"}


def an_event(note=None):
    signed = tuple(
        Signed(part=SigningPart(part), name=name, title="Chuyên viên", at=MOMENT)
        for part, name in PEOPLE.items()
    )
    return PositionHandedOver(
        **{name: uuid4() for name in ("hand_over_id", "agency_id", "giver_id", "receiver_id")},
        giver_position_id=uuid4(),
        receiver_position_id=uuid4(),
        handed_over_at=MOMENT,
        gave_up_all=True,
        number="0001/2026/BB-BG",
        agency="Ủy ban nhân dân phường Hợp nhất",
        note=note,
        roles=(),
        signatures=signed,
        giver=PEOPLE["giver"],
        giver_title="Thư ký ISO",
        receiver=PEOPLE["receiver"],
        receiver_title="Chuyên viên",
    )


def the_page(note=None):
    thing = HandedThing(
        kind=DutyKind.STEP,
        subject=DutySubject.DOSSIER,
        subject_id=uuid4(),
        code="0002/2026",
        title="Đổi (tên)",
    )
    return minute.text_of(minutes.render(minutes.facts(an_event(note), [thing])))


@pytest.fixture(scope="module")
def page():
    return the_page()


@pytest.mark.parametrize("said", [*PEOPLE.values(), "0001/2026/BB-BG", "0002/2026", "Đổi (tên)"])
def test_what_the_minute_says_is_read_from_the_file(page, said):
    assert said in page


def test_what_it_does_not_say_is_not_found(page):
    assert "Lê Thị Quỳnh" not in page


def test_only_letters_that_no_font_has_are_named_by_their_number():
    assert "Chìa khóa [U+1F600] số 3" in the_page("Chìa khóa 😀 số 3")
    assert minutes.UNUSUAL.findall("№ 5 ≥ 3 → α 😀 ₫ (Tên)\r\n") == ["😀"]


def test_every_letter_that_is_kept_has_a_font():
    every = (chr(n) for n in range(0x2600) if category(chr(n)) not in ("Cn", "Cs", "Co"))
    kept = [each for each in every if not minutes.UNUSUAL.match(each)]
    assert len(kept) > 1500
    assert minutes.render(minutes.facts(an_event(" ".join(kept)), [])).startswith(b"%PDF")
