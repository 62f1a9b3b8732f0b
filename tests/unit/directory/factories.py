"""Things of the directory, ready to be tried; say only what the test is about."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from contracts.directory.roles import HeldRole, Role
from services.directory import rules
from services.directory.access.domain.lockout import LockOut
from services.directory.access.domain.session import RefreshToken, SessionFamily, SessionRule
from services.directory.agencies.domain.agency import Agency, AgencyPeriod
from services.directory.staff.domain.position import Position

TODAY = date(2026, 8, 10)
NOW = datetime(2026, 8, 10, 1, 0, tzinfo=UTC)
KINDS = rules.agency_kinds()
RULE = SessionRule(
    idle_seconds=3600, overlap_seconds=60, longest_seconds=7200, keep_ended_seconds=0, basis="test"
)
LOCK_OUT = LockOut(
    free_tries=5, first_lock_seconds=60, longest_lock_seconds=3600, forget_after_seconds=86400, basis="test"
)


def a_period(**changes: object) -> AgencyPeriod:
    given = {
        "agency_id": uuid4(),
        "valid_from": date(2025, 7, 1),
        "code": "H42",
        "name": "Ủy ban nhân dân tỉnh Ninh Bình",
        "short_name": "UBND tỉnh",
        "kind": "province",
    }
    return AgencyPeriod(**given | changes)


def a_province() -> Agency:
    return Agency.enter(a_period(), parent=None, kinds=KINDS)


def a_department(parent: Agency, **changes: object) -> Agency:
    given = {"kind": "department", "code": "H42.07", "parent_id": parent.id, "name": "Sở Nội vụ"}
    return Agency.enter(a_period(**given | changes), parent=parent, kinds=KINDS)


def a_role(role: Role, agency_id: UUID, *, with_subtree: bool = False) -> HeldRole:
    return HeldRole(role=role, agency_id=agency_id, with_subtree=with_subtree)


def a_position(**changes: object) -> Position:
    given = {
        "id": uuid4(),
        "agency_id": uuid4(),
        "person_id": uuid4(),
        "title": "Chuyên viên",
        "held_from": date(2026, 1, 1),
        "held_to": None,
        "roles": [],
    }
    return Position.appoint(**given | changes)


def a_session() -> SessionFamily:
    ids = {name: uuid4() for name in ("id", "account_id", "person_id", "position_id")}
    return SessionFamily.open(**ids, now=NOW, rule=RULE)


def a_token(family: SessionFamily) -> RefreshToken:
    return family.issue(uuid4().bytes * 2, now=NOW, rule=RULE)
