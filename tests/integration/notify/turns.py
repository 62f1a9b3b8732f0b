"""What the tests of digests work with: the sweeps' turns taken one by one, and people who are notified."""

from uuid import uuid4

from sqlalchemy import select, text

from kernel.run.process import sweep_once
from services.notify.digests.tables import digests
from services.notify.service import NotifyService
from tests.integration.notify.conftest import issued

SEND, MAKE = NotifyService.sweeps

FRIDAY, MONDAY, TUESDAY = "2026-08-14T15:00+07:00", "2026-08-17T08:00+07:00", "2026-08-18T08:00+07:00"


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


def published(world, department, person, count=1, **changes):
    """Notify the person of so many issued documents."""
    for _ in range(count):
        envelope = world.publish(issued(department, person, **changes), uuid4())
        world.eventually(lambda cause=envelope.message_id: person in world.notified(cause))


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
