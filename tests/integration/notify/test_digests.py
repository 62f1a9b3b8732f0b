"""The daily digest on real servers: once for a person and working day, whatever happens meanwhile."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime
from itertools import pairwise
from uuid import uuid4

import eventlet
import psycopg
import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.dialects import postgresql

from contracts.notify import DeliveryState, DigestPage, ListDigests, MarkNoticesRead
from kernel import wire
from kernel.data.tables import trail
from kernel.process import sweep_once
from services.notify.calendars import is_worked
from services.notify.digests import BATCH, waiting_for, worth_telling
from services.notify.domain.digest import due
from services.notify.service import NotifyService
from services.notify.tables import deliveries, digests, notice_heads
from services.notify.writing import newest
from tests.integration.conftest import environment_of
from tests.integration.notify.conftest import issued

SEND, MAKE = NotifyService.sweeps

FRIDAY, MONDAY, TUESDAY = "2026-08-14T15:00+07:00", "2026-08-17T08:00+07:00", "2026-08-18T08:00+07:00"


@pytest.fixture
def quiet(running, rpc, a_grant, eventually, publishers, mail_server, business_clock):
    """Notify without its sweeps, so that a test takes their turns itself; the clock stands on a Friday."""
    from tests.integration.notify.conftest import World

    business_clock(FRIDAY)
    settings = {"SMTP_PORT": str(mail_server.port), "MAIL_WAITS": "0.1,0.2,0.3"}
    return World(running("notify", "rpc", "reactions", **settings), rpc, a_grant, eventually, publishers)


def make(world) -> int:
    return sweep_once(world.running.means, MAKE)


def send_all(world) -> None:
    while sweep_once(world.running.means, SEND):
        pass


def made(world, person_id=None) -> list:
    """The digests there are, of one person or of all, oldest first."""
    wanted = select(digests).order_by(digests.c.day)
    if person_id:
        wanted = wanted.where(digests.c.person_id == person_id)
    with world.database.sessions() as session:
        return list(session.execute(wanted))


def digest_mails(mail_server, address=None) -> list:
    mails = [mail for mail in mail_server.mails() if mail["X-Notice-Kind"] == "digest"]
    return [mail for mail in mails if address is None or mail["To"] == address]


def a_reader(world, address="mau@ninhbinh.example", **changes):
    """A person with this address in an agency of their own; ids of both."""
    department = world.an_agency(name="Sở Dân tộc và Tôn giáo")
    return department, world.a_colleague(department, email=address, **changes)


def told(world, department, person, count=1, **changes):
    """The person is told of so many issued documents."""
    for _ in range(count):
        envelope = world.tell(issued(department, person, **changes), uuid4())
        world.eventually(lambda cause=envelope.message_id: person in world.told(cause))


def test_a_digest_tells_on_monday_what_was_new_since_friday(quiet, mail_server, business_clock):
    department, reader = a_reader(quiet)
    told(quiet, department, reader, 2)
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
    assert mail["Subject"] == "[eISO] Bản tin ngày 17/08/2026: 2 việc mới chưa đọc"
    assert mail["Message-ID"].startswith(f"<{digest.delivery_id}@")
    said = mail.get_content()
    assert "Kính gửi Đinh Thị Mẫu," in said
    assert "Tài liệu mới ban hành (2)" in said
    assert said.count("• Ban hành: QTTP-20 – Công nhận người có uy tín") == 2
    assert "[15:00 14/08]" in said
    assert said.index("Tài liệu mới ban hành (2)") < said.index("Documents issued (2)")
    assert said.count("• Issued: QTTP-20") == 2
    assert "thông báo đến số 2" in said


def test_the_letter_at_once_and_the_notice_in_the_system_stay_beside_the_digest(
    quiet, mail_server, business_clock
):
    department, reader = a_reader(quiet)
    told(quiet, department, reader)
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
    told(quiet, department, reader)
    assert make(quiet) == 0
    told(quiet, department, reader)
    business_clock(TUESDAY)
    assert make(quiet) == 1
    assert [(each.day.day, each.notices) for each in made(quiet)] == [(18, 2)]


def test_a_make_up_saturday_has_its_digest(quiet, business_clock):
    department, reader = a_reader(quiet)
    business_clock("2026-08-21T16:00+07:00")
    told(quiet, department, reader)
    business_clock("2026-08-22T08:00+07:00")
    assert make(quiet) == 1
    assert made(quiet, reader)[0].day == date(2026, 8, 22)


def test_after_days_without_a_sweeper_one_digest_covers_all_of_them(quiet, mail_server, business_clock):
    department, reader = a_reader(quiet)
    for moment in (FRIDAY, MONDAY, TUESDAY, "2026-08-19T10:00+07:00"):
        business_clock(moment)
        told(quiet, department, reader)
    business_clock("2026-08-20T09:00+07:00")
    assert make(quiet) == 1
    business_clock("2026-08-21T09:00+07:00")
    assert make(quiet) == 0
    assert [(each.day.day, each.notices, each.to_number) for each in made(quiet)] == [(20, 4, 4)]


def test_the_next_digest_begins_where_the_last_one_ended(quiet, mail_server, business_clock):
    department, reader = a_reader(quiet)
    told(quiet, department, reader, 3)
    business_clock(MONDAY)
    make(quiet)
    told(quiet, department, reader, code="QTTP-21")
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
    told(quiet, department, reader)
    business_clock(MONDAY)
    assert make(quiet) == 1
    business_clock(FRIDAY)
    told(quiet, department, reader)
    business_clock(MONDAY)
    assert make(quiet) == 0
    business_clock(TUESDAY)
    assert make(quiet) == 1
    assert [each.day.day for each in made(quiet)] == [17, 18]


def test_who_has_nothing_new_or_has_read_it_all_gets_none(quiet, business_clock):
    department, reader = a_reader(quiet)
    idle = quiet.a_colleague(quiet.an_agency(), email="ranh@ninhbinh.example")
    told(quiet, department, reader, 2)
    quiet.ask("mark_notices_read", MarkNoticesRead(request_id=uuid4(), up_to_number=2), reader)
    business_clock(MONDAY)
    make(quiet)
    assert made(quiet) == []
    told(quiet, department, reader)
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
    told(quiet, department, reader)
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
    told(quiet, department, reader, 9)
    business_clock(MONDAY)
    make(quiet)
    send_all(quiet)
    [mail] = digest_mails(mail_server)
    said = mail.get_content()
    assert "Tài liệu mới ban hành (9)" in said
    assert said.count("• Ban hành") == 5
    assert "… và 4 việc khác" in said
    assert "… and 4 more" in said


def a_crowd(world, people=60, each=3):
    """So many people with a position, an address and notices since Friday; put there in bulk."""
    with world.database.engine.begin() as connection:
        for statement in CROWD:
            connection.execute(text(statement), {"people": people, "each": each, "at": FRIDAY})


CROWD = (
    """create temporary table crowd on commit drop as
       select gen_random_uuid() id, n from generate_series(1, :people) n""",
    """insert into people (id, full_name, email, version)
       select id, 'Người ' || n, 'nguoi' || n || '@ninhbinh.example', 1 from crowd""",
    """insert into positions (id, agency_id, person_id, title, held_from, version)
       select gen_random_uuid(), gen_random_uuid(), id, 'Chuyên viên', '2025-07-01', 1 from crowd""",
    """insert into notices (id, person_id, number, cause_id, kind, subject, body, subject_en, body_en,
                            about_id, about_type, posted_at)
       select gen_random_uuid(), id, number, gen_random_uuid(), 'dossier_overdue', 'Quá hạn', 'b', 'Overdue',
              'd', gen_random_uuid(), 'dossier', cast(:at as timestamptz)
         from crowd, generate_series(1, :each) number""",
    """insert into notice_heads (person_id, last_number, waiting_since)
       select id, :each, cast(:at as timestamptz) from crowd""",
)


def test_sweepers_at_once_write_to_everybody_once(quiet, mail_server, business_clock):
    a_crowd(quiet)
    business_clock(MONDAY)
    for _ in range(4):
        turns = [eventlet.spawn(make, quiet) for _ in range(4)]
        turns += [eventlet.spawn(sweep_once, quiet.running.means, SEND) for _ in range(2)]
        for turn in turns:
            turn.wait()
    send_all(quiet)
    written = Counter(mail["To"] for mail in digest_mails(mail_server))
    assert len(written) == 60
    assert set(written.values()) == {1}
    assert len(made(quiet)) == 60


def test_notices_posted_while_digests_are_made_are_in_this_one_or_the_next(quiet, business_clock):
    department, reader = a_reader(quiet)
    told(quiet, department, reader)
    business_clock(MONDAY)
    poster = eventlet.spawn(told, quiet, department, reader, 10)
    quiet.eventually(lambda: make(quiet))
    poster.wait()
    business_clock(TUESDAY)
    make(quiet)
    covered = [(each.after_number, each.to_number, each.notices) for each in made(quiet, reader)]
    assert covered[0][0] == 0
    assert covered[-1][1] == 11
    assert all(before[1] == after[0] for before, after in pairwise(covered))
    assert sum(notices for *_, notices in covered) == 11


DIES = """
import os
os.environ['CRASH_AT'] = '{point}'
import kernel.run
from kernel.life.settings import from_environ
from kernel.process import means_of, sweep_once
from services.notify.service import NotifyService
from kernel import clock
settings = from_environ(NotifyService.settings)
clock.configure('test', os.environ['BUSINESS_CLOCK_FILE'])
means = means_of(NotifyService, settings)
for sweep in NotifyService.sweeps[::-1]:
    sweep_once(means, sweep)
sweep_once(means, NotifyService.sweeps[0])
"""


@pytest.mark.parametrize(
    ("point", "digests_made", "mails"),
    [("digest.before_commit", 0, 1), ("mail.before_send", 1, 1), ("mail.before_mark", 1, 2)],
)
def test_a_sweeper_killed_on_the_way_writes_one_digest(
    quiet, platform, mail_server, business_clock, tmp_path, point, digests_made, mails
):
    department, reader = a_reader(quiet)
    told(quiet, department, reader)
    send_all(quiet)
    business_clock(MONDAY)
    url = quiet.database.engine.url.render_as_string(hide_password=False)
    changes = {"SMTP_PORT": str(mail_server.port), "BUSINESS_CLOCK_FILE": str(tmp_path / "clock.json")}
    environ = os.environ | environment_of(platform, "notify", DATABASE_URL=url, **changes)
    died = subprocess.run(
        [sys.executable, "-c", DIES.format(point=point)], env=environ, timeout=60, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert len(made(quiet)) == digests_made
    make(quiet)
    send_all(quiet)
    found = digest_mails(mail_server)
    assert (len(made(quiet)), len(found)) == (1, mails)
    # Only a sender that dies between the mail server's answer and its commit repeats, under the same id.
    assert len({(mail["Message-ID"], mail.get_content()) for mail in found}) == 1


def test_a_digest_waits_for_a_mail_server_that_is_away(quiet, mail_server, business_clock, eventually):
    department, reader = a_reader(quiet)
    told(quiet, department, reader)
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


def test_digests_are_made_no_faster_than_mail_goes_out(quiet, mail_server, business_clock):
    a_crowd(quiet, people=3 * BATCH, each=1)
    business_clock(MONDAY)
    assert [make(quiet) for _ in range(3)] == [BATCH, 0, 0]
    send_all(quiet)
    assert make(quiet) == BATCH


def test_a_digest_leaves_a_trail(quiet, business_clock):
    a_crowd(quiet, people=7, each=2)
    business_clock(MONDAY)
    make(quiet)
    with quiet.database.sessions() as session:
        row = session.execute(select(trail).where(trail.c.subject_type == "Digest")).one()
    assert row.after == {"day": "2026-08-17", "told": 7, "notices": 14}
    assert row.action == "notify:make_digests"


def test_the_number_of_statements_does_not_grow_with_the_people(quiet, business_clock):
    counts = []
    for people, day in ((5, MONDAY), (BATCH - 5, TUESDAY)):
        business_clock(FRIDAY)
        a_crowd(quiet, people=people)
        business_clock(day)
        statements = []
        note = lambda *args, seen=statements: seen.append(args[2])  # noqa: E731
        event.listen(quiet.database.engine, "before_cursor_execute", note)
        assert make(quiet) == people
        event.remove(quiet.database.engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts[1] <= counts[0] <= 10


PEOPLE, EACH, DUE = 20_000, 3, 50


@pytest.fixture
def crowded(quiet, platform, business_clock):
    """60,000 notices of 20,000 people, of whom 50 wait; and the statistics that live tables would have."""
    a_crowd(quiet, PEOPLE, EACH)
    with quiet.database.engine.begin() as connection:
        few = select(notice_heads.c.person_id).limit(DUE)
        idle = update(notice_heads).where(notice_heads.c.person_id.not_in(few))
        connection.execute(idle.values(waiting_since=None, covered_number=EACH))
        connection.execute(text(PAST_DIGESTS))
    name = quiet.database.engine.url.database
    with psycopg.connect(platform.admin_url_of(name), autocommit=True) as connection:
        connection.execute("vacuum analyze")
    business_clock(MONDAY)
    return quiet


PAST_DIGESTS = """
with sent as (
    insert into deliveries (id, channel, address, state, attempts, sent_at, queued_at)
    select gen_random_uuid(), 'email', id::text, 'sent', 1, now(), now() from people, generate_series(1, 5)
    returning id, address)
insert into digests (id, person_id, day, after_number, to_number, notices, unread_before, made_at,
                     delivery_id)
select gen_random_uuid(), address::uuid, date '2026-08-01' + (row_number() over (partition by address))::int,
       0, 1, 1, 0, now(), id from sent
"""


def plan_of(world, statement) -> dict:
    compiled = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    escaped = str(compiled).replace(":", r"\:")
    with world.database.sessions() as session:
        return session.execute(text(f"explain (analyze, format json) {escaped}")).scalar()[0]


def nodes(plan):
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def test_who_is_due_is_found_without_reading_a_whole_table(crowded):
    today = due(datetime(2026, 8, 17, 1, tzinfo=UTC), crowded.running.means.tools.digests, is_worked)
    with crowded.database.sessions() as session:
        person_ids = session.scalars(waiting_for(today)).all()
    assert len(person_ids) == DUE
    assert make(crowded) == DUE
    with crowded.database.sessions() as session:
        made_now = session.scalars(select(digests.c.id).where(digests.c.day == today.day)).all()
        assert len(made_now) == DUE
        session.execute(
            update(notice_heads).where(notice_heads.c.person_id.in_(person_ids)).values(covered_number=0)
        )
        session.commit()
    for statement in (waiting_for(today), worth_telling(today, person_ids), newest(made_now[:20], 5)):
        plan = plan_of(crowded, statement)
        read = [(node["Relation Name"]) for node in nodes(plan["Plan"]) if node["Node Type"] == "Seq Scan"]
        assert read == [], plan
        assert plan["Execution Time"] < 200


def test_a_person_sees_their_own_digests_and_what_became_of_the_letters(quiet, mail_server, business_clock):
    department, reader = a_reader(quiet)
    for moment in (MONDAY, TUESDAY, "2026-08-19T08:00+07:00"):
        told(quiet, department, reader)
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
