"""Notify with a province it has heard of by events, and a mail server that can be taken away."""

import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.base import Envelope, Event
from contracts.directory import events as directory
from contracts.directory.roles import HeldRole, Role
from contracts.documents import events as documents
from contracts.documents.documents import DocumentKind
from contracts.notify import deliveries
from contracts.notify import notices as c
from kernel.base import wire
from org.tables import agency_nodes
from services.notify.learnt.tables import people, positions
from services.notify.notices.tables import notices

BEGIN = date(2025, 7, 1)
TRACE = "0af7651916cd43dd8448eb211c80319c"


class MailServer:
    """The sink's process; `stop` and `start` take it away and bring it back on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.process = folder, None
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self, eventually: Any) -> None:
        command = [sys.executable, str(Path(__file__).with_name("sink.py")), str(self.port), str(self.folder)]
        self.process = subprocess.Popen(command)
        eventually(self.answers)

    def answers(self) -> bool:
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def mails(self) -> list[Any]:
        """Everything received so far."""
        return [message_from_bytes(path.read_bytes(), policy=default) for path in self.folder.glob("*.eml")]


@pytest.fixture
def mail_server(tmp_path, eventually):
    server = MailServer(tmp_path)
    server.start(eventually)
    yield server
    server.stop()


@dataclass
class World:
    """What others publish to notify, and how notify is asked."""

    running: Any
    rpc: Any
    a_token: Any
    eventually: Any

    @property
    def database(self):
        return self.running.database

    def publish(
        self, event: Event, aggregate_id: UUID, version: int | None = None, **changes: Any
    ) -> Envelope:
        """Publish an event as its source would, after all those of the aggregate before."""
        return self.running.publish(event, aggregate_id, version, trace_id=TRACE, **changes)

    def an_agency(self, parent_id: UUID | None = None, name: str = "Sở Nội vụ") -> UUID:
        agency_id = uuid4()
        event = directory.AgencyChanged(
            agency_id=agency_id,
            code=f"H42.{agency_id.hex[:6].upper()}",
            name=name,
            short_name=name,
            kind="department" if parent_id else "province",
            parent_id=parent_id,
            valid_from=BEGIN,
        )
        self.publish(event, agency_id)
        assert self.knows(agency_nodes, agency_id)
        return agency_id

    def a_colleague(
        self,
        agency_id: UUID,
        *roles: Role,
        full_name: str = "Đinh Thị Mẫu",
        email: str | None = None,
        reaching: UUID | None = None,
        with_subtree: bool = False,
        held_to: date | None = None,
    ) -> UUID:
        """A person who holds a position in the agency; known to notify when this returns."""
        person_id = uuid4()
        self.publish(
            directory.PersonChanged(person_id=person_id, full_name=full_name, email=email), person_id
        )
        held = tuple(
            HeldRole(role=role, agency_id=reaching or agency_id, with_subtree=with_subtree) for role in roles
        )
        self.a_position(agency_id, person_id, roles=held, held_to=held_to)
        assert self.knows(people, person_id)
        return person_id

    def a_position(self, agency_id: UUID, person_id: UUID, **changes: Any) -> UUID:
        position_id = uuid4()
        event = a_position_changed(position_id, agency_id, person_id, **changes)
        self.publish(event, position_id)
        assert self.knows(positions, position_id)
        return position_id

    def knows(self, table: Any, id: UUID) -> bool:
        with self.database.sessions() as session:
            return session.execute(select(table.c.id).where(table.c.id == id)).first() is not None

    def scalar(self, wanted: Any) -> Any:
        with self.database.sessions() as session:
            return session.scalar(wanted)

    def notified(self, cause_id: UUID) -> set[UUID]:
        """Who has a notice because of this event."""
        with self.database.sessions() as session:
            return set(session.scalars(select(notices.c.person_id).where(notices.c.cause_id == cause_id)))

    def token(self, person_id: UUID) -> str:
        return self.a_token("reader", agency=uuid4(), person=person_id)

    def ask(self, method: str, body: Any, person_id: UUID) -> Any:
        answer = self.rpc.call(f"notify.{method}", body, token=self.token(person_id))
        assert "ok" in answer, answer
        return answer["ok"]

    def inbox(self, person_id: UUID, **question: Any) -> c.NoticePage:
        raw = self.ask("list_notices", c.ListNotices(**question), person_id)
        return wire.load(c.NoticePage, raw)

    def deliveries(self, person_id: UUID) -> list[deliveries.DeliveryView]:
        ids = [notice.id for notice in self.inbox(person_id).items]
        raw = self.ask("deliveries_of", deliveries.DeliveriesOf(ids=ids), person_id)
        return wire.load(list[deliveries.DeliveryView], raw)


def a_position_changed(position_id: UUID, agency_id: UUID, person_id: UUID, **changes: Any) -> Event:
    given = {"title": "Chuyên viên", "held_from": BEGIN, "held_to": None, "roles": ()}
    return directory.PositionChanged(
        position_id=position_id, agency_id=agency_id, person_id=person_id, **given | changes
    )


def issued(agency_id: UUID, author_id: UUID, **changes: Any) -> documents.RevisionIssued:
    given = {
        "document_id": uuid4(),
        "revision_id": uuid4(),
        "kind": DocumentKind.PROCEDURE,
        "code": "QTTP-20",
        "title": "Công nhận người có uy tín",
        "number": 1,
        "effective_from": date(2026, 9, 1),
        "issued_by": author_id,
        "migrated_from_paper": False,
    }
    return documents.RevisionIssued(agency_id=agency_id, author_id=author_id, **given | changes)


@pytest.fixture
def a_world(running, rpc, a_token, eventually, mail_server):
    """`a_world()`: notify with its sweeps at work, with settings that a test may change."""

    def start(**changes: str) -> World:
        settings = {"SMTP_PORT": str(mail_server.port), "MAIL_WAITS": "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1"}
        return World(running("notify", "sweep", **settings | changes), rpc, a_token, eventually)

    return start


@pytest.fixture
def world(a_world):
    return a_world()


@pytest.fixture
def quiet(running, rpc, a_token, eventually, mail_server, business_clock):
    """Notify without its sweeps, so that a test takes their turns itself; the clock stands on a Friday."""
    business_clock("2026-08-14T15:00+07:00")
    settings = {"SMTP_PORT": str(mail_server.port), "MAIL_WAITS": "0.1,0.2,0.3"}
    return World(running("notify", **settings), rpc, a_token, eventually)
