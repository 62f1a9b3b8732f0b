"""The daily digest on real servers: who is written to of what on which day, and how the letter reads."""

from collections import Counter
from datetime import date
from uuid import uuid4

from sqlalchemy import select

from contracts.notify.deliveries import DeliveryState
from contracts.notify.digests import DigestPage, ListDigests
from contracts.notify.notices import MarkNoticesRead
from kernel.base import wire
from kernel.data.tables import trail
from services.notify.deliveries.tables import deliveries
from tests.integration.notify.turns import (
    FRIDAY,
    MONDAY,
    TUESDAY,
    a_crowd,
    a_reader,
    digest_mails,
    made,
    make,
    published,
    send_all,
)


def test_a_digest_lists_on_monday_what_was_new_since_friday(quiet, mail_server, business_clock):
    department, reader = a_reader(quiet)
    published(quiet, department, reader, 2)
    assert make(quiet) == 0, "it is Friday afternoon"
    business_clock("2026-08-15T10:00+07:00")
    assert make(quiet) == 0, "nobody is written to on a Saturday"
    business_clock("2026-08-17T07:29+07:00")
    assert make(quiet) == 0, "the hour has not come"
    business_clock("2026-08-17T07:30+07:00")
    assert make(quiet) == 1
    assert make(quiet) == 0
    send_all(quiet)
    [digest], [mail] = made(quiet), digest_mails(mail_server)
    assert (digest.day, digest.notices, digest.after_number, digest.to_number) == (date(2026, 8, 17), 2, 0, 2)
    assert mail["To"] == "mau@ninhbinh.example"
    assert mail["Subject"] == "[eISO] Bản tin ngày 17/08/2026: 2 thông báo mới"
    assert mail["Message-ID"].startswith(f"<{digest.delivery_id}@")
    said = mail.get_content()
    assert "Kính gửi ông/bà Đinh Thị Mẫu," in said
    assert "Tài liệu mới ban hành (2)" in said
    assert said.count("• Ban hành: QTTP-20 – Công nhận người có uy tín") == 2
    assert "— báo lúc 15:00 14/08" in said
    assert said.index("Tài liệu mới ban hành (2)") < said.index("Documents issued (2)")
    assert said.count("• Issued: QTTP-20") == 2
    assert "thông báo đến số 2" in said


def test_the_letter_at_once_and_the_notice_in_the_system_stay_beside_the_digest(
    quiet, mail_server, business_clock
):
    department, reader = a_reader(quiet)
    published(quiet, department, reader)
    send_all(quiet)
    assert [mail["X-Notice-Kind"] for mail in mail_server.mails()] == ["revision_issued"]
    business_clock(MONDAY)
    make(quiet)
    send_all(quiet)
    kinds = Counter(mail["X-Notice-Kind"] for mail in mail_server.mails())
    assert kinds == {"revision_issued": 1, "digest": 1}
    assert [notice.kind for notice in quiet.inbox(reader).items] == ["revision_issued"]
    assert len(quiet.deliveries(reader)) == 1


def test_what_comes_after_the_hour_waits_for_the_next_working_day(quiet, business_clock):
    department, reader = a_reader(quiet)
    business_clock(MONDAY)
    published(quiet, department, reader)
    assert make(quiet) == 0
    published(quiet, department, reader)
    business_clock(TUESDAY)
    assert make(quiet) == 1
    assert [(each.day.day, each.notices) for each in made(quiet)] == [(18, 2)]


def test_a_make_up_saturday_has_its_digest(quiet, business_clock):
    department, reader = a_reader(quiet)
    business_clock("2026-08-21T16:00+07:00")
    published(quiet, department, reader)
    business_clock("2026-08-22T08:00+07:00")
    assert make(quiet) == 1
    assert made(quiet, reader)[0].day == date(2026, 8, 22)


def test_after_days_without_a_sweeper_one_digest_covers_all_of_them(quiet, mail_server, business_clock):
    department, reader = a_reader(quiet)
    for moment in (FRIDAY, MONDAY, TUESDAY, "2026-08-19T10:00+07:00"):
        business_clock(moment)
        published(quiet, department, reader)
    business_clock("2026-08-20T09:00+07:00")
    assert make(quiet) == 1
    business_clock("2026-08-21T09:00+07:00")
    assert make(quiet) == 0
    assert [(each.day.day, each.notices, each.to_number) for each in made(quiet)] == [(20, 4, 4)]


def test_the_next_digest_begins_where_the_last_one_ended(quiet, mail_server, business_clock):
    department, reader = a_reader(quiet)
    published(quiet, department, reader, 3)
    business_clock(MONDAY)
    make(quiet)
    published(quiet, department, reader, code="QTTP-21")
    business_clock(TUESDAY)
    make(quiet)
    send_all(quiet)
    first, second = made(quiet, reader)
    assert (second.after_number, second.to_number, second.notices) == (first.to_number, 4, 1)
    assert second.unread_before == 3
    [mail] = [mail for mail in digest_mails(mail_server) if "18/08/2026" in mail["Subject"]]
    assert "QTTP-21" in mail.get_content()
    assert "QTTP-20" not in mail.get_content()
    assert "còn 3 thông báo của những ngày trước" in mail.get_content()


def test_a_clock_set_back_makes_no_second_digest_of_a_day(quiet, business_clock):
    department, reader = a_reader(quiet)
    published(quiet, department, reader)
    business_clock(MONDAY)
    assert make(quiet) == 1
    business_clock(FRIDAY)
    published(quiet, department, reader)
    business_clock(MONDAY)
    assert make(quiet) == 0
    business_clock(TUESDAY)
    assert make(quiet) == 1
    assert [each.day.day for each in made(quiet)] == [17, 18]


def test_who_has_nothing_new_or_has_read_it_all_gets_none(quiet, business_clock):
    department, reader = a_reader(quiet)
    idle = quiet.a_colleague(quiet.an_agency(), email="ranh@ninhbinh.example")
    published(quiet, department, reader, 2)
    quiet.ask("mark_notices_read", MarkNoticesRead(request_id=uuid4(), up_to_number=2), reader)
    business_clock(MONDAY)
    make(quiet)
    assert made(quiet) == []
    published(quiet, department, reader)
    business_clock(TUESDAY)
    make(quiet)
    assert [(each.person_id, each.notices) for each in made(quiet)] == [(reader, 1)]
    assert made(quiet, idle) == []


def test_whose_position_ended_or_who_has_no_address_gets_none_and_is_not_asked_about_again(
    quiet, business_clock
):
    department, reader = a_reader(quiet)
    leaving = quiet.a_colleague(department, email="nghi@ninhbinh.example", held_to=date(2026, 8, 16))
    unreachable = quiet.a_colleague(department)
    published(quiet, department, reader)
    assert {person for person in (leaving, unreachable) if quiet.inbox(person).items} == {
        leaving,
        unreachable,
    }
    business_clock(MONDAY)
    assert make(quiet) == 3
    assert [each.person_id for each in made(quiet)] == [reader]
    assert make(quiet) == 0


def test_a_digest_is_bounded_and_says_how_much_more_there_is(quiet, mail_server, business_clock):
    department, reader = a_reader(quiet)
    published(quiet, department, reader, 9)
    business_clock(MONDAY)
    make(quiet)
    send_all(quiet)
    [mail] = digest_mails(mail_server)
    said = mail.get_content()
    assert "Tài liệu mới ban hành (9)" in said
    assert said.count("• Ban hành") == 5
    assert "… và 4 việc khác" in said
    assert "… and 4 more" in said


def test_a_digest_waits_for_a_mail_server_that_is_away(quiet, mail_server, business_clock, eventually):
    department, reader = a_reader(quiet)
    published(quiet, department, reader)
    send_all(quiet)
    mail_server.stop()
    business_clock(MONDAY)
    make(quiet)
    send_all(quiet)
    assert state_of_the_digest(quiet) is DeliveryState.RETRYING
    mail_server.start(eventually)
    eventually(lambda: send_all(quiet) or state_of_the_digest(quiet) is DeliveryState.SENT)
    assert len(digest_mails(mail_server)) == 1


def state_of_the_digest(world):
    wanted = select(deliveries.c.state).where(deliveries.c.notice_id.is_(None))
    with world.database.sessions() as session:
        return session.scalar(wanted)


def test_a_digest_leaves_a_trail(quiet, business_clock):
    a_crowd(quiet, people=7, each=2)
    business_clock(MONDAY)
    make(quiet)
    with quiet.database.sessions() as session:
        row = session.execute(select(trail).where(trail.c.subject_type == "Digest")).one()
    assert row.after == {"day": "2026-08-17", "told": 7, "notices": 14}
    assert row.action == "notify:make_digests"


def test_a_person_sees_their_own_digests_and_what_became_of_the_letters(quiet, mail_server, business_clock):
    department, reader = a_reader(quiet)
    for moment in (MONDAY, TUESDAY, "2026-08-19T08:00+07:00"):
        published(quiet, department, reader)
        business_clock(moment)
        make(quiet)
    send_all(quiet)
    first = wire.load(DigestPage, quiet.ask("list_digests", ListDigests(first=2), reader))
    rest = wire.load(
        DigestPage, quiet.ask("list_digests", ListDigests(first=2, after=first.cursors[-1]), reader)
    )
    assert (first.has_next, rest.has_next) == (True, False)
    seen = [(each.day.day, each.notices, each.unread_before, each.state) for each in first.items + rest.items]
    assert seen == [(19, 1, 2, "sent"), (18, 1, 1, "sent"), (17, 1, 0, "sent")]
    assert first.items[0].address == "mau@ninhbinh.example"
    stranger = quiet.a_colleague(department)
    assert quiet.ask("list_digests", ListDigests(), stranger)["items"] == []
    public = quiet.rpc.call("notify.list_digests", ListDigests())
    assert public["refused"]["code"] == "not_signed_in"
