"""The reader by which the story looks into a minute: it finds what was written, and nothing else."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.duties import DutyKind, DutySubject
from contracts.handing_over import HandedThing, PositionHandedOver, Signed, SigningPart
from deploy.story import minute
from services.audits import minutes

MOMENT = datetime(2026, 11, 17, 1, tzinfo=UTC)
PEOPLE = {"giver": "Đinh Thị Mẫu", "receiver": "Trần Văn Ưởng", "leader": "Nguyễn Quỳnh (Phó) ửẵỡ"}


@pytest.fixture(scope="module")
def page():
    signed = tuple(
        Signed(part=SigningPart(part), name=name, title="Chuyên viên", at=MOMENT)
        for part, name in PEOPLE.items()
    )
    event = PositionHandedOver(
        **{name: uuid4() for name in ("hand_over_id", "agency_id", "giver_id", "receiver_id")},
        giver_position_id=uuid4(),
        receiver_position_id=uuid4(),
        handed_over_at=MOMENT,
        gave_up_all=True,
        number="0001/2026/BB-BG",
        agency="Ủy ban nhân dân phường Hợp nhất",
        note=None,
        roles=(),
        signatures=signed,
        giver=PEOPLE["giver"],
        giver_title="Thư ký ISO",
        receiver=PEOPLE["receiver"],
        receiver_title="Chuyên viên",
    )
    thing = HandedThing(
        kind=DutyKind.STEP,
        subject=DutySubject.DOSSIER,
        subject_id=uuid4(),
        code="0002/2026",
        title="Đổi (tên)",
    )
    return minute.text_of(minutes.render(minutes.facts(event, [thing])))


@pytest.mark.parametrize("said", [*PEOPLE.values(), "0001/2026/BB-BG", "0002/2026", "Đổi (tên)"])
def test_what_the_minute_says_is_read_from_the_file(page, said):
    assert said in page


def test_what_it_does_not_say_is_not_found(page):
    assert "Lê Thị Quỳnh" not in page
