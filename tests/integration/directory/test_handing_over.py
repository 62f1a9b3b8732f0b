"""Handing over on real servers: who must sign, what passes with it, who is notified of leaving without."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from contracts.directory import hand_overs as h
from contracts.directory import reorganisations as r
from contracts.directory import roles as c
from contracts.directory import staff
from kernel.data.tables import outbox, trail
from kernel.run.process import sweep_once
from services.directory.service import DirectoryService
from tests.integration.directory.acts import an_act
from tests.integration.directory.conftest import an_account

TODAY = date(2026, 8, 10)
[TELL_LEAVINGS] = [each for each in DirectoryService.sweeps if each.name == "tell_leavings"]

MORE_ROLES = text(
    """insert into position_roles (position_id, role, agency_id, with_subtree, valid_from)
       values (:position, 'unit_leader', :agency, false, '2026-01-01')"""
)


class Unit:
    """A department with a leader, a secretary who leaves, and a successor."""

    def __init__(self, directory) -> None:
        self.directory, self.agency = directory, directory.an_agency()
        self.leader = self._staff("lanhdao", "Giám đốc", c.Role.UNIT_LEADER)
        self.giver = self._staff("thuky", "Thư ký ISO", c.Role.ISO_SECRETARY, c.Role.DRAFTER)
        self.receiver = self._staff("kenhiem", "Chuyên viên", c.Role.READER)

    def _staff(self, username, title, *roles):
        person = self.directory.a_person(f"Người {title}")
        granted = [staff.RoleToGrant(role=role) for role in roles]
        position = self.directory.a_position(self.agency, person, title=title, roles=granted)
        self.directory.ok("open_account", an_account(person, username))
        return {"position": position["id"], "person": str(person), "user": username}

    def token(self, who: str) -> str:
        return self.directory.token_of(getattr(self, who)["user"])

    def draw_up(self, who: str, **changes):
        given = {
            "giver_position_id": self.giver["position"],
            "receiver_position_id": self.receiver["position"],
        }
        command = h.DrawUpHandOver(request_id=uuid4(), **{k: UUID(v) for k, v in (given | changes).items()})
        return self.directory.ask("draw_up_hand_over", command, token=self.token(who))

    def sign(self, who: str, method: str, act):
        body = {"request_id": uuid4(), "hand_over_id": act["id"], "expected_version": act["version"]}
        return self.directory.ask(method, body, token=self.token(who))

    def position(self, who: str):
        [found] = self.directory.ok("positions_by_ids", {"ids": [getattr(self, who)["position"]]})
        return found


@pytest.fixture
def unit(directory, business_clock):
    business_clock(f"{TODAY}T08:00+07:00")
    return Unit(directory)


def published(directory, topic):
    with directory.database.sessions() as session:
        return list(session.scalars(select(outbox.c.event).where(outbox.c.topic == topic)))


def test_with_both_signatures_roles_pass_the_holding_ends_and_all_services_hear_of_it(unit, directory):
    act = unit.draw_up("giver")["ok"]
    assert (act["state"], [each["part"] for each in act["signatures"]]) == ("drawn_up", ["giver"])
    act = unit.sign("receiver", "accept_hand_over", act)["ok"]
    assert act["state"] == "drawn_up", "without the leader nothing passes"
    assert unit.position("giver")["held_to"] is None
    act = unit.sign("leader", "confirm_hand_over", act)["ok"]
    assert act["state"] == "done"
    assert sorted(role["role"] for role in act["roles"]) == ["drafter", "iso_secretary"]
    assert unit.position("giver")["held_to"] == str(TODAY)
    roles = sorted(role["role"] for role in unit.position("receiver")["roles"])
    assert roles == ["drafter", "iso_secretary", "reader"]
    [event] = published(directory, "directory.position_handed_over.v1")
    assert (event["giver_id"], event["receiver_id"]) == (unit.giver["person"], unit.receiver["person"])
    assert event["gave_up_all"] is True
    assert [each["name"] for each in event["signatures"]] == [
        "Người Thư ký ISO",
        "Người Chuyên viên",
        "Người Giám đốc",
    ]
    assert directory.sign_in("thuky", "mot cau du dai 2026")["refused"]["code"] == "no_current_position"
    with directory.database.sessions() as session:
        actions = session.scalars(select(trail.c.action).where(trail.c.subject_type == "HandOver")).all()
    assert sorted(actions) == [f"directory:{what}_hand_over" for what in ("accept", "confirm", "draw_up")]


def test_the_leader_draws_it_up_for_one_who_is_gone_already(unit, directory):
    giver = unit.position("giver")
    ended = {"position_id": giver["id"], "held_to": TODAY, "expected_version": giver["version"]}
    directory.ok("end_position", {"request_id": uuid4()} | ended)
    act = unit.draw_up("leader")["ok"]
    assert [each["part"] for each in act["signatures"]] == ["leader"]
    act = unit.sign("receiver", "accept_hand_over", act)["ok"]
    assert act["state"] == "done"
    assert {role["role"] for role in unit.position("receiver")["roles"]} >= {"iso_secretary", "drafter"}


def test_nobody_confirms_what_they_give_or_take_themselves(unit, directory):
    person = UUID(unit.receiver["person"])
    leading = [staff.RoleToGrant(role=c.Role.UNIT_LEADER)]
    second = directory.a_position(unit.agency, person, title="Phó Giám đốc", roles=leading)
    act = unit.draw_up("giver", receiver_position_id=second["id"])["ok"]
    token = directory.sign_in("kenhiem", "mot cau du dai 2026", position_id=UUID(second["id"]))["ok"]["grant"]
    body = {"request_id": uuid4(), "hand_over_id": act["id"], "expected_version": act["version"]}
    assert directory.refused("confirm_hand_over", body, token=token)[0] == "hand_over_own_confirmation"
    assert (
        directory.ok("accept_hand_over", body | {"request_id": uuid4()}, token=token)["state"] == "drawn_up"
    )


def test_only_the_receiver_takes_over_and_strangers_see_nothing(unit, directory):
    act = unit.draw_up("giver")["ok"]
    assert unit.sign("leader", "accept_hand_over", act)["refused"]["code"] == "hand_over_not_to_you"
    directory.an_account("nguoila", c.Role.UNIT_LEADER)
    stranger = directory.token_of("nguoila")
    assert directory.ok("hand_overs_by_ids", {"ids": [act["id"]]}, token=stranger) == []
    assert directory.ok("list_hand_overs", {}, token=stranger)["items"] == []
    body = {"request_id": uuid4(), "hand_over_id": act["id"], "expected_version": act["version"]}
    for method in ("accept_hand_over", "confirm_hand_over"):
        assert directory.refused(method, body, token=stranger)[0] == "hand_over_not_found"
    for who in ("giver", "receiver", "leader"):
        assert directory.ok("list_hand_overs", {}, token=unit.token(who))["items"] == [act]


def test_what_cannot_be_handed_over_is_refused_with_the_field(unit, directory):
    elsewhere = directory.a_position(directory.an_agency(), directory.a_person())
    cases = {
        "receiver_of_another_agency": {"receiver_position_id": elsewhere["id"]},
        "hand_over_to_oneself": {"receiver_position_id": unit.giver["position"]},
        "position_not_found": {"receiver_position_id": str(uuid4())},
    }
    for code, changes in cases.items():
        no = unit.draw_up("giver", **changes)["refused"]
        assert (no["code"], no["field"]) == (code, "receiverPositionId")
    act = unit.draw_up("giver")["ok"]
    assert unit.draw_up("leader")["refused"]["code"] == "hand_over_open_already"
    stale = dict(act, version=act["version"] - 1)
    assert unit.sign("receiver", "accept_hand_over", stale)["refused"]["code"] == "changed_meanwhile"
    body = {"request_id": uuid4(), "hand_over_id": act["id"], "expected_version": act["version"]}
    taken_back = directory.ok("cancel_hand_over", body | {"reason": "Nhầm người"}, token=unit.token("giver"))
    assert taken_back["state"] == "cancelled"
    assert unit.sign("receiver", "accept_hand_over", taken_back)["refused"]["code"] == "hand_over_not_open"
    assert unit.draw_up("leader")["ok"]["number"].endswith("/2026/BB-BG")


def test_a_leader_passes_on_no_role_they_could_not_grant(unit, directory):
    act = unit.draw_up("leader", giver_position_id=unit.giver["position"])["ok"]
    assert act["state"] == "drawn_up"
    person = directory.a_person("Lãnh đạo cũ")
    leading = [staff.RoleToGrant(role=c.Role.UNIT_LEADER)]
    old = directory.a_position(unit.agency, person, title="Giám đốc cũ", roles=leading)
    no = unit.draw_up("leader", giver_position_id=old["id"])["refused"]
    assert no["code"] == "role_beyond_reach", "a leader makes nobody a leader"


def test_who_left_without_handing_over_is_published_once_and_who_went_on_is_not(
    unit, directory, business_clock
):
    def left():
        while sweep_once(directory.running.means, TELL_LEAVINGS):
            pass
        return [each["full_name"] for each in published(directory, "directory.position_left.v1")]

    for who in ("giver", "receiver"):
        found = unit.position(who)
        ended = {"position_id": found["id"], "held_to": TODAY, "expected_version": found["version"]}
        directory.ok("end_position", {"request_id": uuid4()} | ended)
    directory.a_position(
        unit.agency, UUID(unit.receiver["person"]), title="Chuyên viên chính", held_from=TODAY
    )
    assert left() == [], "there are some days to hand over"
    business_clock(f"{TODAY + timedelta(days=3)}T08:00+07:00")
    assert left() == ["Người Thư ký ISO"]
    assert left() == ["Người Thư ký ISO"]


def test_a_role_granted_after_the_confirmation_does_not_slip_through(unit, directory):
    act = unit.draw_up("leader")["ok"]
    giver = unit.position("giver")
    with directory.database.sessions() as session:
        session.execute(MORE_ROLES, {"position": giver["id"], "agency": unit.agency})
        session.commit()
    no = unit.sign("receiver", "accept_hand_over", act)["refused"]
    assert no["code"] == "hand_over_roles_changed"
    assert unit.position("giver")["held_to"] is None


def test_a_hand_over_names_the_holdings_before_a_reorganisation(unit, directory):
    new, other = uuid4(), directory.an_agency()
    creation = r.NewAgency(
        id=new,
        code="H42.930",
        name="Sở mới",
        short_name="Sở mới",
        kind="department",
        parent_id=directory.root_id,
    )
    merge = r.AgencyMerge(from_ids=[unit.agency, other], into_id=new)
    directory.ok("reorganise", an_act(TODAY, creations=[creation], merges=[merge]))
    held = directory.ok("list_positions", {"agency_id": new})["items"]
    now = {each["title"]: each["id"] for each in held}
    unit.giver["position"], old = now["Thư ký ISO"], unit.giver["position"]
    unit.receiver["position"] = now["Chuyên viên"]
    act = unit.draw_up("leader")["ok"]
    assert unit.sign("receiver", "accept_hand_over", act)["ok"]["state"] == "done"
    [event] = published(directory, "directory.position_handed_over.v1")
    assert event["former_position_ids"] == [old]
