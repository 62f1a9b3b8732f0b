"""A province in miniature for the tests of audits: a department with staff and a procedure, and auditors."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

import pytest

from contracts.directory.events import AgencyChanged, PositionChanged
from contracts.directory.roles import HeldRole, Role
from contracts.documents.documents import DocumentKind
from contracts.documents.events import RevisionIssued
from org import tree
from services.audits.learnt import reactions as projections

TODAY = "2026-08-10"


@dataclass
class Province:
    """Agencies, people with their tokens, and a procedure of the department."""

    a_token: object
    root: UUID = field(default_factory=uuid4)
    department: UUID = field(default_factory=uuid4)
    science: UUID = field(default_factory=uuid4)
    procedure: UUID = field(default_factory=uuid4)
    people: dict[str, UUID] = field(default_factory=dict)

    def plant(self, database) -> None:
        with database.sessions() as session:
            for version, (id_, parent) in enumerate(
                [(self.root, None), (self.department, self.root), (self.science, self.root)], start=1
            ):
                tree.project_agency(session, _agency(id_, parent), version)
            for name, agency, roles in STAFF:
                self.people[name] = uuid4()
                where = getattr(self, agency)
                projections.keep_position(session, _position(self.people[name], where, roles, self.root), 1)
            projections.project_procedure(session, _procedure(self.procedure, self.department, self.people))
            session.commit()

    def token(self, name: str) -> str:
        """The token of one of the staff, with the roles and reach they hold."""
        _, agency, roles = next(each for each in STAFF if each[0] == name)
        below = agency == "science"
        at = self.root if below else getattr(self, agency)
        return self.a_token(*roles, agency=at, person=self.people[name], with_subtree=below)


STAFF = (
    ("secretary", "department", ("iso_secretary",)),
    ("head", "department", ("iso_head", "unit_leader")),
    ("officer", "department", ("case_officer",)),
    ("insider", "department", ("internal_auditor", "lead_auditor")),
    ("lead", "science", ("lead_auditor",)),
    ("auditor", "science", ("internal_auditor",)),
    ("planner", "science", ("iso_secretary",)),
    ("director", "science", ("iso_head",)),
)


def _agency(id_, parent):
    return AgencyChanged(
        agency_id=id_,
        code=f"H42.{id_.hex[:4].upper()}",
        name="Sở",
        short_name="Sở",
        kind="department",
        parent_id=parent,
        valid_from=date(2020, 1, 1),
    )


def _position(person, agency, roles, root):
    return PositionChanged(
        position_id=uuid4(),
        agency_id=agency,
        person_id=person,
        title="Chuyên viên",
        held_from=date(2025, 7, 1),
        held_to=None,
        roles=tuple(HeldRole(role=Role(role), agency_id=root, with_subtree=True) for role in roles),
    )


def _procedure(document, agency, people):
    return RevisionIssued(
        document_id=document,
        revision_id=uuid4(),
        agency_id=agency,
        kind=DocumentKind.PROCEDURE,
        code="QTTP-20",
        title="Thay đổi trụ sở",
        number=1,
        effective_from=date(2026, 1, 5),
        issued_by=people["head"],
        author_id=people["secretary"],
        migrated_from_paper=True,
    )


@pytest.fixture
def audits(running, business_clock):
    business_clock(f"{TODAY}T08:00+07:00")
    return running("audits")


@pytest.fixture
def province(audits, a_token) -> Province:
    province = Province(a_token)
    province.plant(audits.database)
    return province


class Desk:
    """Commands of this service, by the people of the province."""

    def __init__(self, rpc, province) -> None:
        self.rpc, self.province = rpc, province

    def do(self, who: str, method: str, **asked):
        body = {"request_id": uuid4()} | asked
        return self.rpc.call(f"audits.{method}", body, token=self.province.token(who))

    def ok(self, who: str, method: str, **asked):
        answer = self.do(who, method, **asked)
        assert "ok" in answer, answer
        return answer["ok"]

    def refused(self, who: str, method: str, **asked) -> tuple[str, str, str | None]:
        answer = self.do(who, method, **asked)
        assert "refused" in answer, answer
        no = answer["refused"]
        assert no["message"]["vi"]
        assert no["remedy"]["en"]
        return no["kind"], no["code"], no["field"]

    def on(self, who: str, method: str, thing, key: str, **more):
        """A command about a thing in its latest version."""
        return self.ok(who, method, **{key: thing["id"]}, expected_version=thing["version"], **more)

    def refused_on(self, who: str, method: str, thing, key: str, **more):
        about = {key: thing["id"], "expected_version": thing["version"]}
        return self.refused(who, method, **about, **more)

    def raised(self, severity="minor", **more):
        asked = {"agency_id": self.province.department, "severity": severity, "description": "Hồ sơ trả chậm"}
        return self.ok("secretary", "raise_nonconformity", **asked, **more)


@pytest.fixture
def desk(rpc, province) -> Desk:
    return Desk(rpc, province)
