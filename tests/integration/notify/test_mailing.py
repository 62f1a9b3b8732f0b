"""Mail on its way to a real SMTP server: arriving, waiting for it, given up, never twice."""

from uuid import uuid4

import eventlet
from sqlalchemy import select, update

from contracts.directory.events import PersonRecordChanged
from contracts.directory.staff import RecordFact
from contracts.notify.deliveries import DeliveryState
from kernel.base import clock
from kernel.run.process import sweep_once
from services.notify.deliveries.tables import deliveries
from services.notify.service import NotifyService
from tests.integration.notify.conftest import TRACE, issued

SEND, _ = NotifyService.sweeps


def a_delivery(world, address="mau@ninhbinh.example"):
    """A person with this address who has just been notified; their id."""
    department = world.an_agency()
    author = world.a_colleague(department, email=address)
    envelope = world.publish(issued(department, author), uuid4())
    world.eventually(lambda: world.notified(envelope.message_id))
    return author


def state_of(world, person_id):
    [delivery] = world.deliveries(person_id)
    return delivery.state


def test_a_notice_reaches_the_mailbox_in_both_languages_with_its_trace(world, mail_server, eventually):
    author = a_delivery(world)
    eventually(lambda: state_of(world, author) is DeliveryState.SENT)
    [mail], [delivery] = mail_server.mails(), world.deliveries(author)
    assert mail["To"] == "mau@ninhbinh.example"
    assert mail["Subject"].startswith("[eISO] Ban hành: QTTP-20 – Công nhận người có uy tín")
    assert mail["X-Trace-Id"] == TRACE
    assert mail["Message-ID"].startswith(f"<{delivery.id}@")
    text = mail.get_content()
    assert text.index("Vui lòng đọc và thực hiện") < text.index("Please read it and work by this issue")
    assert (delivery.attempts, delivery.address) == (1, "mau@ninhbinh.example")
    assert delivery.sent_at is not None


def test_mail_waits_for_a_server_that_is_away_and_goes_when_it_is_back(world, mail_server, eventually):
    mail_server.stop()
    author = a_delivery(world)
    eventually(lambda: state_of(world, author) is DeliveryState.RETRYING)
    [waiting] = world.deliveries(author)
    assert "ConnectionRefusedError" in waiting.last_error
    mail_server.start(eventually)
    eventually(lambda: state_of(world, author) is DeliveryState.SENT, within=20)
    [delivery] = world.deliveries(author)
    assert delivery.attempts > 1
    assert delivery.last_error is None
    assert len(mail_server.mails()) == 1


def test_a_mailbox_that_does_not_exist_is_given_up_at_once(world, mail_server, eventually):
    author = a_delivery(world, "khong.co.ai@ninhbinh.example")
    eventually(lambda: state_of(world, author) is DeliveryState.FAILED)
    [delivery] = world.deliveries(author)
    assert delivery.attempts == 1
    assert "550" in delivery.last_error


def test_a_busy_mailbox_is_tried_as_often_as_the_setting_says(a_world, eventually):
    world = a_world(MAIL_WAITS="0.1,0.1")
    author = a_delivery(world, "dang.ban.mau@ninhbinh.example")
    eventually(lambda: state_of(world, author) is DeliveryState.FAILED)
    [delivery] = world.deliveries(author)
    assert delivery.attempts == 3
    assert "451" in delivery.last_error


def test_one_bad_address_does_not_hold_up_the_others(world, mail_server, eventually):
    department = world.an_agency()
    bad = world.a_colleague(department, email="khong.co.ai@ninhbinh.example")
    odd = world.a_colleague(department, email="địa.chỉ@ninhbinh.example")
    good = world.a_colleague(department, email="tot@ninhbinh.example")
    world.publish(issued(department, good), uuid4())
    eventually(lambda: world.inbox(good).items)
    eventually(lambda: state_of(world, good) is DeliveryState.SENT)
    eventually(lambda: state_of(world, bad) is DeliveryState.FAILED)
    eventually(lambda: state_of(world, odd) is DeliveryState.FAILED)
    assert [mail["To"] for mail in mail_server.mails()] == ["tot@ninhbinh.example"]


def test_who_has_no_address_is_notified_in_the_system_only(world, eventually):
    author = a_delivery(world, None)
    assert world.inbox(author).unread == 1
    assert world.deliveries(author) == []


def test_several_senders_send_each_mail_once(world, mail_server, eventually):
    department = world.an_agency()
    staff = [world.a_colleague(department, email=f"nguoi{n}@ninhbinh.example") for n in range(30)]
    world.publish(issued(department, staff[0]), uuid4())
    eventually(lambda: world.inbox(staff[0]).items)
    for _ in range(3):
        senders = [eventlet.spawn(sweep_once, world.running.means, SEND) for _ in range(4)]
        for sender in senders:
            sender.wait()
    eventually(lambda: len(mail_server.mails()) >= 30)
    eventually(lambda: all(state_of(world, person) is DeliveryState.SENT for person in staff))
    ids = [mail["Message-ID"] for mail in mail_server.mails()]
    assert len(ids) == len(set(ids)) == 30


def test_a_mail_whose_sender_died_before_it_was_marked_goes_again_under_the_same_id(
    world, mail_server, eventually
):
    author = a_delivery(world)
    eventually(lambda: state_of(world, author) is DeliveryState.SENT)
    with world.database.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=DeliveryState.SENDING, sent_at=None))
    eventually(lambda: state_of(world, author) is DeliveryState.SENT)
    first, second = mail_server.mails()
    assert first["Message-ID"] == second["Message-ID"]


def test_sending_is_visible_before_the_first_byte_goes_out(a_world, mail_server):
    world = a_world()
    world.running.stop()
    mail_server.stop()
    with world.database.sessions() as session:
        assert session.scalars(select(deliveries.c.id)).all() == []
    queue_one(world)
    assert sweep_once(world.running.means, SEND) == 1
    with world.database.sessions() as session:
        assert session.execute(select(deliveries.c.state, deliveries.c.attempts)).one() == (
            DeliveryState.SENDING,
            1,
        )


def queue_one(world):
    """A notice with a delivery due now, put there by hand."""
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql(NOTICE)
        connection.exec_driver_sql(DELIVERY, {"now": clock.now()})


NOTICE = """
insert into notices (id, person_id, number, cause_id, kind, subject, body, subject_en, body_en,
                     about_id, about_type, posted_at)
select gen_random_uuid(), gen_random_uuid(), 1, gen_random_uuid(), 'revision_issued', 'a', 'b', 'c', 'd',
       gen_random_uuid(), 'document', now()
"""
DELIVERY = """
insert into deliveries (id, notice_id, channel, address, state, attempts, next_attempt_at, queued_at)
select gen_random_uuid(), id, 'email', 'mau@ninhbinh.example', 'queued', 0, %(now)s, %(now)s from notices
"""


def test_a_change_of_ones_record_is_mailed_to_the_old_address_too(world, mail_server, eventually):
    department = world.an_agency(name="Sở Nội vụ")
    person = world.a_colleague(department, email="moi@ninhbinh.example")
    leader = world.a_colleague(department, full_name="Người lãnh đạo")
    published = PersonRecordChanged(
        person_id=person,
        agency_id=department,
        changed_by=leader,
        changed=(RecordFact.EMAIL, RecordFact.IDENTITY_NUMBER),
        email="moi@ninhbinh.example",
        old_email="cu@ninhbinh.example",
    )
    envelope = world.publish(published, person)
    eventually(lambda: len(mail_server.mails()) == 2)
    assert world.notified(envelope.message_id) == {person}
    assert {mail["To"] for mail in mail_server.mails()} == {"moi@ninhbinh.example", "cu@ninhbinh.example"}
    [notice] = world.inbox(person).items
    assert notice.subject == "Hồ sơ của ông/bà vừa được sửa: thư điện tử, số định danh"
    assert notice.subject_en == "Your record was changed: e-mail address, identity number"
    for text in (notice.body, *(mail.get_content() for mail in mail_server.mails())):
        assert "Người lãnh đạo (Sở Nội vụ)" in text
        assert "ninhbinh.example" not in text


def test_who_holds_no_position_is_notified_of_a_change_of_their_record_all_the_same(
    world, mail_server, eventually
):
    department, person = world.an_agency(), uuid4()
    published = PersonRecordChanged(
        person_id=person,
        agency_id=department,
        changed_by=None,
        changed=(RecordFact.PHONE,),
        email="da.nghi@ninhbinh.example",
        old_email=None,
    )
    envelope = world.publish(published, person)
    eventually(lambda: len(mail_server.mails()) == 1)
    assert world.notified(envelope.message_id) == {person}
