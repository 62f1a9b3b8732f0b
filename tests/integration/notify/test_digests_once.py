"""A digest is made and sent once, by however many, killed wherever, and at a cost that follows who is due."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import eventlet
import psycopg
import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.dialects import postgresql

from kernel.run.process import sweep_once
from services.notify.digests.calendars import is_worked
from services.notify.digests.domain import due
from services.notify.digests.sweeps import BATCH, waiting_for, worth_a_digest
from services.notify.digests.tables import digests
from services.notify.mailing.writing import newest
from services.notify.notices.tables import notice_heads
from tests.integration.notify.turns import (
    FRIDAY,
    MONDAY,
    SEND,
    TUESDAY,
    a_crowd,
    a_reader,
    digest_mails,
    made,
    make,
    published,
    send_all,
)
from tests.integration.settings import environment_of


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
    published(quiet, department, reader)
    business_clock(MONDAY)
    poster = eventlet.spawn(published, quiet, department, reader, 10)
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
import kernel.run.launcher
from kernel.life.settings import from_environ
from kernel.run.process import means_of, sweep_once
from services.notify.service import NotifyService
from kernel.base import clock
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
    published(quiet, department, reader)
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


def test_digests_are_made_no_faster_than_mail_goes_out(quiet, mail_server, business_clock):
    a_crowd(quiet, people=3 * BATCH, each=1)
    business_clock(MONDAY)
    assert [make(quiet) for _ in range(3)] == [BATCH, 0, 0]
    send_all(quiet)
    assert make(quiet) == BATCH


def test_the_number_of_statements_does_not_grow_with_the_people(quiet, business_clock):
    counts = []
    for people, day in ((5, MONDAY), (BATCH - 5, TUESDAY)):
        business_clock(FRIDAY)
        a_crowd(quiet, people=people)
        business_clock(day)
        statements, mine = [], eventlet.getcurrent()

        def note(*args, seen=statements, mine=mine):
            if eventlet.getcurrent() is mine:  # and not the relay's or the sealer's beside it
                seen.append(args[2])

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
    today = due(datetime(2026, 8, 17, 1, tzinfo=UTC), crowded.running.means.resources.digests, is_worked)
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
    for statement in (waiting_for(today), worth_a_digest(today, person_ids), newest(made_now[:20], 5)):
        plan = plan_of(crowded, statement)
        read = [(node["Relation Name"]) for node in nodes(plan["Plan"]) if node["Node Type"] == "Seq Scan"]
        assert read == [], plan
        assert plan["Execution Time"] < 200
