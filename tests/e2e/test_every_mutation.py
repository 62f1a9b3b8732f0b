"""Every mutation on the whole platform, its answer read whole: here those that no other test sends."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from client.caller import camel
from demo.story.cast import OPENING
from gateway.schema.assembled import SCHEMA
from tests.client import Gateway, plain
from tests.e2e.asking import ask
from tests.e2e.conftest import ANOTHER_COMMUNE, COMMUNE, SignIn, eventually
from tests.selections import every_field

MUTATIONS = SCHEMA._schema.mutation_type.fields
ROOT = Path(__file__).resolve().parents[2]
TODAY = OPENING.date()
PASSWORD, ANOTHER = "ruộng-bậc-thang-81", "chợ-nổi-buổi-sớm-47"


class WholeAnswers:
    """A caller whose answers are read whole, every field that needs no argument."""

    def __init__(self, caller: Gateway, http: Any) -> None:
        self.caller, self.http = caller, http

    async def do(self, command: str, **given: Any) -> Any:
        """The answer; a problem is a failure, and so is an error anywhere within."""
        field = MUTATIONS[command]
        asked = plain({"requestId": uuid4(), **given})
        text = f"mutation($input: {field.args['input'].type}) {{ answer: {command}(input: $input) "
        query = f"{text}{every_field(field.type, 2)} }}"
        answer = await ask(self.http, query, {"input": asked}, token=self.caller.token)
        found = answer.json()
        assert "errors" not in found, (command, found["errors"])
        assert not found["data"]["answer"]["__typename"].endswith("Problem"), (command, found)
        return found["data"]["answer"]


@pytest.fixture
async def admin(platform: Any, http: Any) -> WholeAnswers:
    caller = await Gateway(http).sign_in("quantri", platform.passwords["bootstrap_admin"])
    return WholeAnswers(caller, http)


@pytest.fixture
async def leader(sign_in: SignIn, http: Any) -> WholeAnswers:
    return WholeAnswers(await sign_in(ANOTHER_COMMUNE, "head"), http)


def test_every_mutation_is_sent_by_a_test_of_the_whole_platform():
    tests, story = (
        "".join(path.read_text("utf-8") for path in (ROOT / folder).glob("*.py"))
        for folder in ("tests/e2e", "demo/story")
    )
    sent = set(re.findall(r'"([a-z][A-Za-z]+)"', tests))
    sent |= {camel(method) for method in re.findall(r"\.([a-z][a-z_]+)\b", story)}
    # The steps of a revision are sent by a name made of theirs.
    sent |= {f"{step}Revision" for step in ("submit", "review", "approve", "issue", "return")}
    assert sorted(set(MUTATIONS) - sent) == []


async def a_person(admin: WholeAnswers, agency_id: str, title: str) -> tuple[Any, Any]:
    person = await admin.do("registerPerson", fullName="Đinh Văn Mẫu")
    given = {"personId": person["id"], "title": title, "heldFrom": TODAY, "roles": []}
    return person, await admin.do("appointPosition", agencyId=agency_id, **given)


async def test_a_person_is_entered_amended_granted_roles_and_leaves(admin, leader):
    agency = leader.caller.me["agency"]["id"]
    person, position = await a_person(admin, agency, "Công chức")
    about = {"personId": person["id"], "expectedVersion": position["person"]["version"]}
    amended = await admin.do("amendPerson", **about, phone="0229 3871 156", clears=[])
    about["expectedVersion"] = amended["version"]
    recorded = await admin.do("recordIdentityNumber", **about, identityNumber="037099000123")
    assert recorded["identityMasked"].endswith("123")
    given = {"personId": person["id"], "role": "DRAFTER", "agencyId": agency, "withSubtree": False}
    granted = await admin.do("grantRole", **given, validFrom=TODAY, basis="QĐ 12/QĐ-UBND")
    about = {"grantId": granted["id"], "expectedVersion": granted["version"]}
    await admin.do("revokeGrant", **about, validTo=TODAY + timedelta(days=1), reason="Thôi kiêm nhiệm")
    about = {"positionId": position["id"], "expectedVersion": position["version"]}
    ended = await admin.do("endPosition", **about, heldTo=TODAY + timedelta(days=30))
    assert date.fromisoformat(ended["heldTo"]) == TODAY + timedelta(days=30)


async def test_a_person_is_released_to_another_agency_and_moved_to_it(admin, leader, sign_in):
    home = leader.caller.me["agency"]["id"]
    other = WholeAnswers(await sign_in(COMMUNE, "head"), leader.http)
    elsewhere = other.caller.me["agency"]["id"]
    person = await admin.do("registerPerson", fullName="Đinh Văn Mẫu", homeAgencyId=home)
    assert person["homeAgency"]["id"] == home

    async def about() -> dict[str, Any]:
        ask = f'{{ person(id: "{person["id"]}") {{ version }} }}'
        seen = (await admin.caller.ask(ask))["person"]
        return {"personId": person["id"], "expectedVersion": seen["version"]}

    given = {"agencyId": elsewhere, "movesHome": False, "basis": "QĐ 15/QĐ-UBND"}
    released = await leader.do("releasePerson", **await about(), **given)
    assert released["release"]["basis"] == given["basis"]
    taken = await leader.do("withdrawRelease", **await about())
    assert taken["release"] is None
    await leader.do("releasePerson", **await about(), **given)
    post = {"personId": person["id"], "title": "Cộng tác viên", "heldFrom": TODAY, "roles": []}
    await other.do("appointPosition", agencyId=elsewhere, **post)
    moved = await admin.do("movePerson", **await about(), homeAgencyId=elsewhere, basis="QĐ 16/QĐ-UBND")
    assert moved["homeAgency"]["id"] == elsewhere


async def test_an_account_changes_its_password_and_its_sessions_are_ended(admin, leader, http):
    person, _ = await a_person(admin, leader.caller.me["agency"]["id"], "Công chức")
    username = f"mau.{uuid4().hex[:8]}"
    account = {"personId": person["id"], "username": username, "password": PASSWORD}
    await admin.do("openAccount", **account, mustChangePassword=False)
    mine = WholeAnswers(await Gateway(http).sign_in(username, PASSWORD), http)
    await mine.do("changePassword", currentPassword=PASSWORD, newPassword=ANOTHER)
    mine, other = [WholeAnswers(await Gateway(http).sign_in(username, ANOTHER), http) for _ in range(2)]
    sessions = (await mine.caller.ask("{ mySessions { id isCurrent } }"))["mySessions"]
    [another, *_] = [each["id"] for each in sessions if not each["isCurrent"]]
    assert (await mine.do("revokeSession", sessionId=another))["revoked"] == 1
    await mine.do("revokeOtherSessions")
    assert (await mine.do("revokeOtherSessions"))["revoked"] == 0, "there is none any more"
    reason = {"personId": person["id"], "reason": "Mất điện thoại"}
    assert (await admin.do("revokeSessionsOf", **reason))["revoked"] == 1
    assert (await admin.do("disableAccount", **reason))["disabledBecause"] == "ADMINISTRATOR"
    assert (await admin.do("enableAccount", **reason))["disabledAt"] is None
    assert other.caller.token


async def test_a_post_is_lent_and_taken_back_and_a_hand_over_is_drawn_up_and_cancelled(admin, leader):
    _, position = await a_person(admin, leader.caller.me["agency"]["id"], "Phó Chủ tịch")
    own = (await leader.caller.ask("{ me { position { id } } }"))["me"]["position"]["id"]
    days = {"validFrom": TODAY, "validTo": TODAY + timedelta(days=10)}
    given = {"fromPositionId": own, "toPositionId": position["id"], "signingAuthority": True, "roles": []}
    lent = await leader.do("delegate", kind="AUTHORISATION", **given, **days, basis="GUQ 03")
    about = {"delegationId": lent["id"], "expectedVersion": lent["version"]}
    await leader.do("endDelegation", **about, validTo=TODAY + timedelta(days=2), reason="Về sớm")
    parts = {"giverPositionId": own, "receiverPositionId": position["id"]}
    drawn = await leader.do("drawUpHandOver", **parts, note="Bàn giao thử")
    about = {"handOverId": drawn["id"], "expectedVersion": drawn["version"], "reason": "Chưa bàn giao"}
    assert (await leader.do("cancelHandOver", **about))["state"] == "CANCELLED"


async def test_a_list_of_people_is_received_judged_and_applied(admin, leader):
    begun = await admin.do("beginPeopleImport", fileName="danh-sach.xlsx", rows=1)
    row = dict.fromkeys(("email", "phone", "identityNumber", "heldTo", "roles"), "")
    row |= {"line": 1, "staffNumber": f"NB.{uuid4().hex[:6].upper()}", "fullName": "Phạm Thị Mẫu"}
    row |= {"agencyCode": ANOTHER_COMMUNE, "title": "Công chức", "heldFrom": "01/08/2026"}
    await admin.do("addImportedRows", importId=begun["id"], rows=[row])
    await admin.do("checkPeopleImport", importId=begun["id"])
    question = "query($id: UUID!) { peopleImport(importId: $id) { state version bad } }"

    async def reached(state: str) -> Any:
        found = (await admin.caller.ask(question, id=begun["id"]))["peopleImport"]
        return found if found["state"] == state else None

    checked = await eventually(lambda: reached("CHECKED"))
    assert checked["bad"] == 0
    await admin.do("applyPeopleImport", importId=begun["id"], expectedVersion=checked["version"])
    await eventually(lambda: reached("APPLIED"))


async def test_a_program_is_registered_approved_and_its_secret_rotated(admin, leader):
    me = leader.caller.me
    given = {"name": "Cổng thử", "purpose": "Thử mọi lệnh", "scopes": ["DOCUMENTS_READ"]}
    given |= {"agencies": [{"agencyId": me["agency"]["id"]}], "callsPerMinute": 60, "callsPerDay": 1000}
    given |= {"agencyId": me["agency"]["id"], "responsibleId": me["person"]["id"]}
    made = await admin.do("registerClient", **given, expiresOn=TODAY + timedelta(days=90))
    about = {"clientId": made["client"]["id"], "expectedVersion": made["client"]["version"]}
    approved = await admin.do("approveClient", **about)
    about["expectedVersion"] = approved["version"]
    rotated = await admin.do("rotateClientSecret", **about, overlapDays=1)
    assert rotated["secret"] != made["secret"]
    about["expectedVersion"] = rotated["client"]["version"]
    await admin.do("revokeClient", **about, reason="Thử xong")


async def test_an_act_is_scheduled_and_taken_back(admin, leader):
    basis = {"number": "01/NQ", "issuedOn": TODAY, "issuedBy": "HĐND tỉnh", "subject": "Thử"}
    change = {
        "agencyId": leader.caller.me["agency"]["id"],
        "shortName": "Tên thử",
        "aliases": [],
        "clears": [],
    }
    parts = {name: [] for name in ("creations", "merges", "splits", "dissolutions", "postings")}
    given = {"effectiveOn": TODAY + timedelta(days=60), "basis": basis, "amendments": [change]}
    act = await admin.do("reorganise", **given, **parts)
    taken_back = await admin.do("cancelReorganisation", reorganisationId=act["id"], reason="Thử xong")
    assert taken_back["state"] == "CANCELLED"


async def test_a_quality_system_is_created_declared_amended_and_ended(leader, sign_in):
    agency = leader.caller.me["agency"]["id"]
    given = {"code": f"HT-{uuid4().hex[:6]}", "name": "HTQLCL thử", "scope": "Mọi TTHC", "covers": [agency]}
    given |= {"standards": ["tcvn-iso-9001:2015"], "validFrom": TODAY}
    made = await leader.do("createSystem", agencyId=agency, **given)
    about = {"systemId": made["id"], "expectedVersion": made["version"]}
    amended = await leader.do("amendSystem", **about, fromDay=TODAY, scope="Mọi TTHC cấp xã", reason="Rõ hơn")
    about["expectedVersion"] = amended["version"]
    question = "{ me { position { id } } }"
    callers = {"HEAD": leader.caller, "SECRETARY": await sign_in(ANOTHER_COMMUNE, "secretary")}
    mine = {kind: (await caller.ask(question))["me"]["position"]["id"] for kind, caller in callers.items()}
    seats = [{"positionId": position, "kind": kind} for kind, position in mine.items()]
    decided = {"decision": "QĐ 15/QĐ-UBND", "since": TODAY, "seats": seats}
    for step, given in (
        ("appointCommittee", decided),
        ("applySystem", {}),
        ("declareSystem", {"decision": "QĐ 16/QĐ-UBND", "declaredOn": TODAY}),
    ):
        amended = await leader.do(step, **about, **given)
        about["expectedVersion"] = amended["version"]
    ended = await leader.do("endSystem", **about, endedOn=TODAY, reason="Thử xong")
    assert ended["state"] == "ENDED"


async def test_a_link_is_given_and_ended_and_notices_are_read(leader, sign_in):
    commune = (await sign_in(COMMUNE, "head")).me["agency"]["id"]
    given = {"agencyId": leader.caller.me["agency"]["id"], "receivingAgencyId": commune}
    link = await leader.do("linkAgencies", **given, basis="Thỏa thuận thử", validFrom=TODAY)
    about = {"linkId": link["id"], "expectedVersion": link["version"]}
    await leader.do("endAgencyLink", **about, validTo=TODAY, reason="Thử xong")
    assert (await leader.do("markNoticesRead", upToNumber=1))["marked"] <= 1
    assert (await leader.do("markNoticesRead", upToNumber=1))["marked"] == 0, "nothing is left to mark"
