"""Who may do what in the directory: agencies and people are everybody's to see, and few may change them."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.directory.agencies import AgenciesByIds, ListAgencies
from kernel.base import clock
from kernel.trust.policy import Relation
from services.directory import rules
from services.directory.bootstrap import BootstrapSettings, begin
from tests.contract.policy import operations_of, service_of
from tests.integration.directory.conftest import ADMIN_PASSWORD, CHEAP
from tests.integration.rights.bodies import smallest
from tests.integration.rights.conftest import Field
from tests.integration.rights.ground import EVERY_ROLE, REACHING, RELATIONS, Ground
from tests.integration.rights.test_matrix import DOORS, code_of, methods
from tests.integration.spoken import Spoken

LONG_AGO, SOON = date(2025, 7, 1), clock.today() + timedelta(days=30)
BASIS = {"number": "1/QĐ", "issued_on": LONG_AGO, "issued_by": "UBND tỉnh", "subject": "Đổi tên"}
OTHERS_SESSIONS = ("client_session", "lease_calls", "sign_in", "refresh_session", "sign_out", "public_grant")
"""What stands by a password or a token of its own."""
ABOUT_PEOPLE = ("amend_person", "record_identity_number", "withdraw_release")
SYSTEM_COMMANDS = ("amend_system", "apply_system", "declare_system", "end_system")
THEIR_IMPORTS = ("add_imported_rows", "check_people_import", "apply_people_import")
HIDDEN = ("grant_not_found", "hand_over_not_found", "import_not_found", "person_not_found")
"""The answers about what is not there, for what only those see who may change it."""


def _ground(spoken: Spoken, key: Any) -> Ground:
    """The same province, made by the directory's own commands."""
    settings = spoken.means.settings
    known = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    said = BootstrapSettings(**known, bootstrap_admin_password=ADMIN_PASSWORD)
    begin(spoken.means.database, said, spoken.means.resources, rules.root_agency())
    [root] = spoken.ask("list_agencies", ListAgencies(), None)["ok"]["items"]
    ground = Ground(key, root=UUID(root["id"]))
    admin = ground.token(ground.standing("parent", "province_admin"))
    places = {"department": "root", "sibling": "root", "foreign": "root", "child": "department"}
    for number, (name, parent) in enumerate(places.items()):
        given = {"code": f"H42.{number:03}", "name": f"Cơ quan {number}", "short_name": f"CQ {number}"}
        kind = "sub_department" if name == "child" else "department"
        where = {"kind": kind, "parent_id": getattr(ground, parent), "valid_from": LONG_AGO}
        setattr(ground, name, UUID(spoken.ok("create_agency", admin, **given, **where)["id"]))
    return ground


@pytest.fixture
def field(speaking, private_key):
    spoken = speaking("directory", **CHEAP)
    ground = _ground(spoken, private_key)
    made = Field("directory", spoken, ground, {})
    admin = ground.token(ground.standing("parent", "province_admin"))
    person = spoken.ok("register_person", admin, full_name="Đinh Thị Mẫu")["id"]
    given = {"person_id": person, "title": "Chuyên viên", "held_from": LONG_AGO}
    position = spoken.ok("appoint_position", admin, agency_id=ground.department, **given)
    amended = {"amendments": [{"agency_id": ground.department, "name": "Sở mới"}]}
    act = spoken.ok("reorganise", admin, effective_on=SOON, basis=BASIS, **amended)
    said = {"role": "reader", "agency_id": ground.department, "valid_from": LONG_AGO}
    granted = spoken.ok("grant_role", admin, person_id=person, **said)
    other = spoken.ok("register_person", admin, full_name="Trần Văn Ưởng")["id"]
    taking = {"person_id": other, "title": "Chuyên viên", "held_from": LONG_AGO}
    receiver = spoken.ok("appoint_position", admin, agency_id=ground.department, **taking)["id"]
    positions = {"giver_position_id": position["id"], "receiver_position_id": receiver}
    drawn_up = spoken.ok("draw_up_hand_over", admin, **positions)
    named = {"code": "HTQLCL", "name": "HTQLCL", "scope": "TTHC", "standards": ["tcvn-iso-9001:2015"]}
    at = ground.department
    system = spoken.ok("create_system", admin, agency_id=at, covers=[at], valid_from=LONG_AGO, **named)
    batch = spoken.ok("begin_people_import", admin, file_name="nhan-su.csv", rows=2)
    made.things = {"system": UUID(system["id"]), "import": UUID(batch["id"])}
    made.things |= {"grant": UUID(granted["id"]), "hand_over": UUID(drawn_up["id"])}
    made.things |= {"person": UUID(person), "position": UUID(position["id"]), "act": UUID(act["id"])}
    client = spoken.ok("register_client", admin, **_a_client(ground, person))
    made.things["client"] = UUID(client["client"]["id"])
    return made


def _a_client(ground: Ground, person: Any) -> dict[str, Any]:
    return {
        "agency_id": ground.department,
        "responsible_id": person,
        "name": "Cổng thông tin",
        "purpose": "Hiện tài liệu",
        "scopes": ["documents.read"],
        "agencies": [{"agency_id": ground.department}],
        "calls_per_minute": 60,
        "calls_per_day": 1000,
        "expires_on": clock.today() + timedelta(days=200),
    }


def changes(field: Field) -> dict[str, dict[str, Any]]:
    """Every command of the table that a role must reach for, about the department or somebody in it."""
    at, things = field.ground.department, field.things
    renamed = {"effective_on": SOON, "basis": BASIS, "amendments": [{"agency_id": at, "name": "Tên khác"}]}
    place = {"kind": "sub_department", "valid_from": LONG_AGO, "code": "H42.9", "parent_id": at}
    ended = {"position_id": things["position"], "expected_version": -1}
    held = {"agency_id": at, "person_id": things["person"], "held_from": SOON}
    about = {"person_id": things["person"]}
    client = {"client_id": things["client"], "expected_version": -1}
    return {
        **dict.fromkeys(("sessions_of", "account_of", "revoke_sessions_of"), about),
        **dict.fromkeys(("disable_account", "enable_account", "unlock_account"), about),
        **dict.fromkeys(("approve_client", "rotate_client_secret", "revoke_client"), client),
        "clients_by_ids": {"ids": [things["client"]]},
        "list_clients": {},
        "register_client": _a_client(field.ground, things["person"]),
        "create_agency": place,
        "reorganise": renamed,
        "reorganisation_preview": renamed,
        "cancel_reorganisation": {"reorganisation_id": uuid4()},
        "register_person": {},
        "open_account": {"person_id": things["person"], "username": "nguoi-la", "password": "aaaaaaaaaaaa"},
        "appoint_position": held,
        "end_position": ended,
        "grant_role": {"person_id": things["person"], "role": "drafter", "agency_id": at, "valid_from": SOON},
        **{name: {"system_id": things["system"], "expected_version": -1} for name in SYSTEM_COMMANDS},
        "create_system": {"agency_id": at, "covers": [at], "standards": ["none"], "valid_from": LONG_AGO},
        "appoint_committee": {
            "system_id": things["system"],
            "expected_version": -1,
            "seats": [{"kind": kind, "position_id": things["position"]} for kind in ("head", "secretary")],
        },
        **{name: {"person_id": things["person"], "expected_version": -1} for name in ABOUT_PEOPLE},
        **{name: {"import_id": things["import"]} for name in THEIR_IMPORTS},
        "release_person": {
            "person_id": things["person"],
            "agency_id": field.ground.sibling,
            "expected_version": -1,
        },
        "move_person": {"person_id": things["person"], "home_agency_id": at, "expected_version": -1},
        "begin_people_import": {},
        "confirm_hand_over": {"hand_over_id": things["hand_over"], "expected_version": -1},
        "revoke_grant": {"grant_id": things["grant"], "valid_to": SOON, "expected_version": -1},
    }


def test_every_command_that_a_role_must_reach_for_is_in_this_test(field):
    rows = field.policy.rows
    within = {name for name in methods("directory") if rows[name][0].relation is Relation.WITHIN}
    assert within == set(changes(field)), "say in `changes` how a new one is asked"


def test_every_role_in_every_relation_is_answered_as_the_table_says(field):
    for method, given in changes(field).items():
        contract = operations_of(service_of("directory"))[method][0]
        for relation in RELATIONS:
            for role in EVERY_ROLE:
                actor = field.ground.standing(relation, role)
                body = smallest(contract, **given)
                code = code_of(field.spoken.ask(method, body, field.ground.token(actor)))
                may = any(role in row.roles for row in field.policy.rows[method])
                passes = may and _reaches(method, relation)
                # A program whose owner one does not administer is no program.
                code = "not_permitted" if code == "client_not_found" else code
                said = (method, role, relation, code)
                assert (code not in (*DOORS, *HIDDEN)) is passes, said


def _reaches(method: str, relation: str) -> bool:
    if method in ("clients_by_ids", "list_clients"):
        return True  # asked by any administrator, and showing only what they reach: tested apart
    if method == "cancel_reorganisation":
        return (
            True  # there is no such act, and acts are everybody's to see: that is said to any administrator
        )
    if method in ("register_person", "begin_people_import"):
        # A person belongs nowhere yet: the caller must reach the agency of the one who enters them.
        return relation != "delegated"
    if method in THEIR_IMPORTS:
        return False  # an import is nobody's but its beginner's
    return relation in REACHING and relation != "elsewhere_too"


def test_an_act_on_foreign_agencies_is_taken_back_by_nobody_who_does_not_reach_them(field):
    for relation in RELATIONS:
        actor = field.ground.standing(relation, "province_admin")
        given = {"reorganisation_id": field.things["act"], "reason": "ab"}
        refused = field.spoken.ask(
            "cancel_reorganisation", {"request_id": uuid4(), **given}, field.ground.token(actor)
        )
        assert code_of(refused) == "too_short"
        if not _reaches("reorganise", relation):
            given["reason"] = "Không phải việc của mình"
            body = {"request_id": uuid4(), **given}
            answer = field.spoken.ask("cancel_reorganisation", body, field.ground.token(actor))
            assert code_of(answer) == "not_permitted", relation


def test_questions_are_open_to_whom_the_table_says(field):
    """Agencies are public, people and positions are for everybody signed in, wherever they work."""
    for method in methods("directory"):
        contract, writes, _ = operations_of(service_of("directory"))[method]
        rows = field.policy.rows[method]
        is_within = rows[0].relation is Relation.WITHIN
        if writes or is_within or method in (*OTHERS_SESSIONS, "me"):
            continue
        body = smallest(contract, **({"ids": [uuid4()]} if "ids" in contract.__dataclass_fields__ else {}))
        is_public = any(row.relation is Relation.PUBLIC for row in rows)
        assert (code_of(field.spoken.ask(method, body, None)) == "not_signed_in") is not is_public, method
        for role in EVERY_ROLE:
            token = field.ground.token(field.ground.standing("foreign", role))
            said = code_of(field.spoken.ask(method, body, token))
            may = any(not row.roles or role in row.roles for row in rows)
            assert (said not in DOORS) is may, (method, role)


def test_a_foreign_agency_is_shown_alike_to_all(field):
    ids = AgenciesByIds(ids=[field.ground.department])
    answers = [
        field.spoken.ask(
            "agencies_by_ids", ids, field.ground.token(field.ground.standing(relation, "reader"))
        )
        for relation in RELATIONS
    ]
    assert all(answer == answers[0] for answer in answers)


def test_programs_are_shown_to_administrators_of_their_owners_and_are_nothing_to_others(field):
    for relation in RELATIONS:
        token = field.ground.token(field.ground.standing(relation, "province_admin"))
        listed = field.spoken.ask("list_clients", {}, token)["ok"]["items"]
        asked = field.spoken.ask("clients_by_ids", {"ids": [field.things["client"]]}, token)["ok"]
        assert bool(listed) is bool(asked) is _reaches("reorganise", relation), relation
        for method in ("approve_client", "rotate_client_secret", "revoke_client"):
            said = []
            for each in (field.things["client"], uuid4()):
                contract = operations_of(service_of("directory"))[method][0]
                body = smallest(contract, client_id=each, expected_version=-1)
                said.append(field.spoken.ask(method, body, token))
            assert (said[0] == said[1]) is not _reaches("reorganise", relation), (method, relation)
