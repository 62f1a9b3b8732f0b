"""A delivery's way, and the letter itself."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from unicodedata import is_normalized
from uuid import uuid4

import pytest

from contracts.notify.deliveries import DeliveryState
from services.notify.deliveries.domain import ERROR_LENGTH, Delivery
from services.notify.deliveries.letter import Letter, NoLetter, compose

NOW = datetime(2026, 8, 10, 1, 0, tzinfo=UTC)
WAITS = (30.0, 120.0)
SENDER = "eiso@ninhbinh.example"


def a_delivery():
    return Delivery(
        id=uuid4(), notice_id=uuid4(), channel="email", address="mau@ninhbinh.example", next_attempt_at=NOW
    )


def fail(delivery, *, for_good=False):
    delivery.claim()
    delivery.failed("SMTP 451 busy", for_good=for_good, now=NOW, waits=WAITS)


def test_a_claimed_delivery_counts_as_tried():
    delivery = a_delivery()
    delivery.claim()
    assert (delivery.state, delivery.attempts, delivery.next_attempt_at) == (DeliveryState.SENDING, 1, None)


def test_an_arrived_delivery_forgets_its_last_error():
    delivery = a_delivery()
    fail(delivery)
    delivery.claim()
    delivery.arrived(NOW)
    assert (delivery.state, delivery.sent_at, delivery.last_error) == (DeliveryState.SENT, NOW, None)


def test_each_failure_waits_longer_and_the_last_gives_up():
    delivery = a_delivery()
    fail(delivery)
    assert (delivery.state, delivery.next_attempt_at) == (DeliveryState.RETRYING, NOW + timedelta(seconds=30))
    fail(delivery)
    assert delivery.next_attempt_at == NOW + timedelta(seconds=120)
    fail(delivery)
    assert (delivery.state, delivery.next_attempt_at) == (DeliveryState.FAILED, None)
    assert delivery.attempts == 3


def test_what_is_hopeless_is_not_tried_again():
    delivery = a_delivery()
    fail(delivery, for_good=True)
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, 1)


def test_a_very_long_error_is_cut():
    delivery = a_delivery()
    delivery.claim()
    delivery.failed("x" * 10_000, for_good=False, now=NOW, waits=WAITS)
    assert len(delivery.last_error) == ERROR_LENGTH


def a_letter(**changes):
    given = {
        "delivery_id": uuid4(),
        "address": "mau@ninhbinh.example",
        "number": 7,
        "kind": "revision_issued",
        "subject": "Ban hành: QTTP-20 – Thủ tục đề nghị công nhận người có uy tín",
        "body": "Tài liệu QTTP-20 có hiệu lực từ ngày 01/09/2026.",
        "subject_en": "Issued: QTTP-20",
        "body_en": "Document QTTP-20 is in force from 01/09/2026.",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
    }
    return Letter(**given | changes)


def read(letter):
    """The mail as a mail program sees it, after it went over the wire."""
    return message_from_bytes(compose(letter, SENDER, NOW).as_bytes(), policy=default)


def test_a_letter_says_everything_in_vietnamese_and_then_in_english():
    text = read(letter := a_letter()).get_content()
    assert text.index(letter.body) < text.index(letter.body_en)
    assert is_normalized("NFC", text)


def test_a_letters_headers_distinguish_it_and_follow_its_trace():
    letter = a_letter()
    mail = read(letter)
    assert mail["Message-ID"] == f"<{letter.delivery_id}@ninhbinh.example>"
    assert mail["X-Trace-Id"] == letter.trace_id
    assert mail["Subject"] == f"[eISO] {letter.subject}"
    assert (mail["Auto-Submitted"], mail["X-Notice-Number"]) == ("auto-generated", "7")
    assert "thong-bao.ninhbinh.example" in mail["List-Id"]
    assert mail["To"].addresses[0].addr_spec == "mau@ninhbinh.example"


def test_a_subject_arrives_with_every_space_wherever_its_lines_break():
    for count in range(1, 60):
        subject = (
            f"Bản tin ngày 17/08/2026: {'x' * count} việc mới chưa đọc về {'đề nghị ' * (count % 12)}xong"
        )
        letter = a_letter(subject=subject)
        assert read(letter)["Subject"] == f"[eISO] {subject}"
        lines = compose(letter, SENDER, NOW).as_bytes().partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert max(map(len, lines)) <= 78


def test_the_same_delivery_composed_again_is_the_same_mail():
    letter = a_letter()
    assert read(letter)["Message-ID"] == read(letter)["Message-ID"]


def test_a_line_break_in_a_title_begins_no_header():
    mail = read(a_letter(subject="Ban hành\r\nBcc: nguoi.la@example.org"))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[eISO] Ban hành Bcc: nguoi.la@example.org"


def test_decomposed_letters_are_composed_in_the_subject():
    assert is_normalized("NFC", read(a_letter(subject="Nguye\u0302\u0303n"))["Subject"])


def test_an_address_that_no_mail_can_have_makes_no_letter():
    with pytest.raises(NoLetter):
        compose(a_letter(address="không dấu@ninhbinh.example"), SENDER, NOW)
