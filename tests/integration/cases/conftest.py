"""A province in miniature for the tests of cases: a committee, a department, a commune, and a procedure."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from contracts.base import Event
from contracts.directory import events as directory
from contracts.documents import events as documents
from contracts.documents.documents import DocumentKind
from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent, ProcedureStep
from kernel.base import clock
from kernel.data.tables import outbox
from kernel.run.process import sweep_once
from org.tables import agency_nodes
from services.cases.learnt.tables import positions
from services.cases.procedures.tables import procedures
from services.cases.service import CasesService

TTHC = "1.012644"
BLOCK = "UBND tỉnh"


def days(amount: float) -> Duration:
    return Duration(amount=amount, unit=DurationUnit.WORKING_DAY)


def a_step(seq: int, duration: Duration | None = None, **more: Any) -> ProcedureStep:
    return ProcedureStep(
        **{
            "seq": seq,
            "number": f"B{seq}",
            "responsible": "Chuyên viên",
            "content": "Xử lý",
            "duration": duration,
        }
        | more
    )


def a_procedure(**changes: Any) -> ProcedureContent:
    """Ten working days in five steps: two share a duration, one is another agency's, one may go back."""
    steps = [
        a_step(1, days(0.5)),
        a_step(2, days(5)),
        a_step(3, shares_duration_of=2),
        a_step(4, days(3), block=BLOCK, returns_to="B2"),
        a_step(5, days(1.5)),
    ]
    return ProcedureContent(**{"tthc_code": TTHC, "legal_time": days(10), "steps": steps} | changes)


@dataclass
class Office:
    """What others publish to cases, how cases is asked, and what it publishes."""

    running: Any
    rpc: Any
    a_token: Any
    eventually: Any
    platform: Any
    root: UUID = field(default_factory=uuid4)
    department: UUID = field(default_factory=uuid4)
    commune: UUID = field(default_factory=uuid4)
    document: UUID = field(default_factory=uuid4)

    @property
    def database(self):
        return self.running.database

    def publish(self, event: Event, aggregate_id: UUID) -> None:
        """As the source of the event would."""
        self.running.publish(event, aggregate_id)

    def found(self) -> "Office":
        """The three agencies and the department's procedure, in force since July 2025."""
        agencies = [(self.root, None, "H42"), (self.department, self.root, "H42.07")]
        for agency_id, parent, code in [*agencies, (self.commune, self.root, "H42.101")]:
            self.an_agency(agency_id, parent, code)
        self.issue(1, date(2025, 7, 1))
        return self

    def an_agency(self, agency_id: UUID, parent: UUID | None, code: str) -> None:
        event = directory.AgencyChanged(
            agency_id=agency_id,
            code=code,
            name=code,
            short_name=code,
            kind="department",
            parent_id=parent,
            valid_from=date(2020, 1, 1),
        )
        self.publish(event, agency_id)
        assert self.count(agency_nodes, agency_nodes.c.id == agency_id)

    def issue(self, number: int, effective_from: date, **changes: Any) -> UUID:
        """A revision of the department's procedure (or another document); known when this returns."""
        given = {
            "document_id": self.document,
            "revision_id": uuid4(),
            "agency_id": self.department,
            "kind": DocumentKind.PROCEDURE,
            "code": "QTTP-20",
            "title": "Công nhận người có uy tín",
            "issued_by": uuid4(),
            "author_id": uuid4(),
            "migrated_from_paper": False,
            "procedure": a_procedure(),
        }
        event = documents.RevisionIssued(number=number, effective_from=effective_from, **given | changes)
        self.publish(event, event.document_id)
        assert self.count(procedures, procedures.c.revision_id == event.revision_id)
        return event.revision_id

    def a_position(self, person_id: UUID, position_id: UUID, held_to: date | None) -> None:
        event = directory.PositionChanged(
            position_id=position_id,
            agency_id=self.department,
            person_id=person_id,
            title="Chuyên viên",
            held_from=date(2020, 1, 1),
            held_to=held_to,
        )
        self.publish(event, position_id)
        wanted = positions.c.id == position_id, positions.c.held_to.is_not_distinct_from(held_to)
        assert self.count(positions, *wanted)

    def officer(self, at: UUID | None = None, *roles: str, **more: Any) -> str:
        return self.a_token(
            *(roles or ("case_officer", "receptionist")), agency=at or self.department, **more
        )

    def ask(self, method: str, body: Any, token: str | None = None) -> Any:
        return self.rpc.call(f"cases.{method}", body, token=token or self.officer())

    def ok(self, method: str, body: Any, token: str | None = None) -> Any:
        answer = self.ask(method, body, token)
        assert "ok" in answer, answer
        return answer["ok"]

    def refused(self, method: str, body: Any, token: str | None = None) -> tuple[str, str | None]:
        """The code and the field; that it speaks both languages and names a remedy is asserted here."""
        answer = self.ask(method, body, token)
        assert "refused" in answer, answer
        no = answer["refused"]
        assert no["message"]["vi"]
        assert no["message"]["en"]
        assert no["remedy"]["vi"]
        return no["code"], no["field"]

    def application(self, **changes: Any) -> dict[str, Any]:
        wanted = {
            "request_id": uuid4(),
            "agency_id": self.department,
            "number": f"H42.07-{uuid4().hex[:8]}",
            "tthc_code": TTHC,
            "applicant_name": "Đinh Thị Mẫu",
            "blocks": [{"block": BLOCK, "agency_id": self.root}],
        }
        return wanted | changes

    def received(self, **changes: Any) -> Any:
        return self.ok("register_dossier", self.application(**changes))

    def about(self, dossier: Any, **more: Any) -> dict[str, Any]:
        known = {"dossier_id": dossier["id"], "expected_version": dossier["version"]}
        return {"request_id": uuid4(), **known, **more}

    def do(self, method: str, dossier: Any, token: str | None = None, **more: Any) -> Any:
        return self.ok(method, self.about(dossier, **more), token)

    def cannot(self, method: str, dossier: Any, token: str | None = None, **more: Any) -> str:
        return self.refused(method, self.about(dossier, **more), token)[0]

    def on(self, dossier: Any, token: str | None = None) -> Any:
        """Hand the dossier to its next step and take it over there."""
        seq = dossier["step_seq"]
        dossier = self.do("hand_over", dossier, token, step=seq)
        holder = self.officer(UUID(dossier["holder_agency_id"]))
        return self.do("acknowledge_hand_over", dossier, holder, step=seq + 1)

    def sync(self, *records: Any, token: str | None = None) -> Any:
        lines = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in records)
        asked = {"request_id": uuid4(), "agency_id": self.department, "lines": lines}
        return self.ok("upsert_dossiers", asked, token)

    def link(self, competent: UUID, receiving: UUID, since: date | None = None) -> Any:
        """The competent agency agrees to what the other brings."""
        given = {"agency_id": competent, "receiving_agency_id": receiving, "basis": "QĐ 01/QĐ-UBND"}
        asked = {"request_id": uuid4(), **given, "valid_from": since or clock.today()}
        return self.ok("link_agencies", asked, self.officer(competent, "unit_leader"))

    def sweep(self) -> int:
        """One turn of the sweep that watches the clocks."""
        return sweep_once(self.running.means, CasesService.sweeps[0])

    def published(self, topic: str) -> list[Any]:
        """The events of that topic, oldest first."""
        wanted = select(outbox.c.event).where(outbox.c.topic == f"cases.{topic}.v1")
        with self.database.sessions() as session:
            return list(session.scalars(wanted.order_by(outbox.c.recorded_at, outbox.c.message_id)))

    def count(self, table: Any, *which: Any) -> int:
        with self.database.sessions() as session:
            return session.scalar(select(func.count()).select_from(table).where(*which))


@pytest.fixture
def office(running, rpc, a_token, eventually, platform) -> Office:
    """Cases without its sweep, which tests turn by hand."""
    return Office(running("cases"), rpc, a_token, eventually, platform).found()
