"""Quality management systems on real servers: built, applied, declared, and declared again after a change."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.directory import reorganisations as r
from contracts.directory import roles as d
from contracts.directory import staff
from kernel.data.tables import outbox
from tests.integration.directory.acts import an_act
from tests.integration.directory.conftest import PASSWORD
from tests.integration.plans import read_whole, watched

BEGIN, TODAY = date(2026, 1, 5), date(2026, 8, 10)
STANDARD = "tcvn-iso-9001:2015"


class Desk:
    """The directory with two departments and what is done with systems."""

    def __init__(self, directory) -> None:
        self.directory = directory
        self.one, self.two = directory.an_agency(), directory.an_agency()
        self.head, self.secretary = (self._position(title) for title in ("Giám đốc", "Thư ký ISO"))

    def _position(self, title):
        return self.directory.a_position(self.one, self.directory.a_person(), title=title)["id"]

    def begun(self, **changes):
        given = {"agency_id": self.one, "code": "HTQLCL-01", "name": "HTQLCL của Sở", "scope": "127 TTHC"}
        dated = {"standards": [STANDARD], "covers": [self.one], "valid_from": BEGIN}
        return self.directory.ok("create_system", {"request_id": uuid4()} | given | dated | changes)

    def do(self, method, system, **more):
        return self.directory.ok(method, self._about(system) | more)

    def refused(self, method, system, **more):
        return self.directory.refused(method, self._about(system) | more)

    def _about(self, system):
        return {"request_id": uuid4(), "system_id": system["id"], "expected_version": system["version"]}

    def seats(self, *more):
        known = [("head", self.head), ("secretary", self.secretary), *more]
        return [{"kind": kind, "position_id": position} for kind, position in known]

    def declared(self, **changes):
        system = self.begun(**changes)
        decided = {"decision": "12/QĐ-SNV", "since": BEGIN, "seats": self.seats()}
        system = self.do("appoint_committee", system, **decided)
        system = self.do("apply_system", system)
        return self.do("declare_system", system, decision="45/QĐ-SNV", declared_on="2026-03-01")

    def shown(self, system):
        [found] = self.directory.ok("systems_by_ids", {"ids": [system["id"]]})
        return found

    def published(self):
        with self.directory.database.sessions() as session:
            wanted = select(outbox.c.event).where(outbox.c.topic == "directory.declaration_due.v1")
            return [each["why"] for each in session.scalars(wanted)]


@pytest.fixture
def desk(directory, business_clock):
    business_clock(f"{TODAY}T08:00+07:00")
    return Desk(directory)


def test_a_system_is_built_given_a_committee_applied_and_declared(desk):
    system = desk.declared()
    assert (system["state"], system["declared_on"]) == ("declared", "2026-03-01")
    assert [each["kind"] for each in system["seats"]] == ["head", "secretary"]
    assert desk.directory.ok("list_systems", {"agency_id": desk.one})["items"] == [system]
    assert desk.directory.ok("list_systems", {"agency_id": desk.two})["items"] == []


def test_a_declared_system_that_changes_must_be_declared_again_and_is_published_once(desk):
    system = desk.declared()
    changed = {"from_day": TODAY, "reason": "Bổ sung thủ tục mới"}
    system = desk.do("amend_system", system, scope="135 TTHC", **changed)
    assert (system["declare_again"], system["declare_again_since"]) == (["scope"], str(TODAY))
    system = desk.do("amend_system", system, covers=[desk.one, desk.two], **changed)
    assert system["declare_again"] == ["scope", "agencies"]
    assert desk.published() == ["scope"]
    [due] = desk.directory.ok("list_systems", {"must_declare": True})["items"]
    assert due["id"] == system["id"]
    system = desk.do("declare_system", system, decision="99/QĐ-SNV", declared_on=str(TODAY))
    assert (system["declare_again"], system["declare_again_since"]) == ([], None)
    assert desk.directory.ok("list_systems", {"must_declare": True})["items"] == []


def test_what_was_not_declared_may_change_without_a_duty(desk):
    system = desk.begun()
    system = desk.do("amend_system", system, scope="10 TTHC", from_day=TODAY, reason="Sửa phạm vi")
    assert (system["scope"], system["declare_again"], desk.published()) == ("10 TTHC", [], [])


def test_one_system_covers_several_agencies_and_an_agency_may_run_several(desk):
    first = desk.begun(covers=[desk.one, desk.two])
    second = desk.begun(code="HTQLCL-02", agency_id=desk.two, covers=[desk.two])
    items = desk.directory.ok("list_systems", {"agency_id": desk.two})["items"]
    assert [each["id"] for each in items] == [first["id"], second["id"]]


def test_when_an_agency_ends_its_systems_go_on_with_its_heir_and_must_be_declared_again(desk):
    kept, covering = desk.declared(), desk.declared(code="HTQLCL-02", covers=[desk.one, desk.two])
    new = uuid4()
    creation = r.NewAgency(
        id=new,
        code="H42.900",
        name="Sở mới",
        short_name="Sở mới",
        kind="department",
        parent_id=desk.directory.root_id,
    )
    merge = r.AgencyMerge(from_ids=[desk.one, desk.directory.an_agency()], into_id=new)
    desk.directory.ok("reorganise", an_act(TODAY, creations=[creation], merges=[merge]))
    for system, others in ((kept, set()), (covering, {str(desk.two)})):
        found = desk.shown(system)
        standing = {each["agency_id"] for each in found["covers"] if each["valid_to"] is None}
        assert standing == {str(new)} | others
        assert (found["agency_id"], found["declare_again"]) == (str(new), ["reorganised"])
        [was] = [each for each in found["covers"] if each["agency_id"] == str(desk.one)]
        assert was["valid_to"] == str(TODAY)


def test_a_system_whose_agencies_end_without_an_heir_ends_with_them(desk):
    system = desk.declared()
    gone = r.AgencyDissolution(agency_id=desk.one)
    desk.directory.ok("reorganise", an_act(TODAY, dissolutions=[gone]))
    found = desk.shown(system)
    assert (found["state"], found["ended_on"], found["declare_again"]) == ("ended", str(TODAY), [])


def test_what_does_not_fit_is_refused_with_its_field(desk):
    system = desk.begun()
    assert desk.refused("apply_system", system)[0] == "system_without_committee"
    assert desk.refused("declare_system", system, decision="1/QĐ", declared_on=str(TODAY))[0] == (
        "system_not_in_this_state"
    )
    two_heads = desk.seats(("head", desk._position("Phó Giám đốc")))
    no_secretary = [*desk.seats()[:1], {"kind": "member", "position_id": desk.secretary}]
    cases = [
        ("committee_seat_once", "seats", two_heads),
        ("committee_seat_once", "seats", no_secretary),
        ("committee_position_twice", "seats", desk.seats(("member", desk.head))),
        ("position_not_found", "seats.2.positionId", desk.seats(("member", str(uuid4())))),
    ]
    for code, field, seats in cases:
        given = {"decision": "12/QĐ", "since": BEGIN, "seats": seats}
        assert desk.refused("appoint_committee", system, **given) == (code, field)
    early = {"decision": "12/QĐ", "since": "2024-01-01", "seats": desk.seats()}
    assert desk.refused("appoint_committee", system, **early) == ("seat_not_held_then", "seats.0.positionId")
    unknown = {"standards": ["iso-14001"], "from_day": TODAY, "reason": "Thử"}
    assert desk.refused("amend_system", system, **unknown) == ("standard_unknown", "standards")
    given = {"agency_id": desk.one, "code": "HTQLCL-01", "name": "x", "scope": "y", "standards": [STANDARD]}
    again = {"request_id": uuid4(), "covers": [desk.one], "valid_from": BEGIN}
    assert desk.directory.refused("create_system", given | again) == ("system_code_taken", "code")


def test_only_who_keeps_the_agencys_system_may_change_it(desk):
    desk.directory.an_account("nguoila", d.Role.ISO_SECRETARY, d.Role.ISO_HEAD)
    stranger = desk.directory.token_of("nguoila")
    system = desk.begun()
    body = {"request_id": uuid4(), "system_id": UUID(system["id"]), "expected_version": system["version"]}
    assert desk.directory.refused("apply_system", body, token=stranger)[0] == "not_permitted"
    assert desk.directory.ok("systems_by_ids", {"ids": [system["id"]]}, token=stranger) == [system]


def test_systems_are_found_by_index(desk):
    desk.declared()
    for asked_for in ({}, {"agency_id": desk.one}, {"state": "declared"}, {"must_declare": True}):
        with watched(desk.directory.database) as asked:
            desk.directory.ok("list_systems", asked_for)
        assert read_whole(desk.directory.database, asked, ("quality_systems",)) == []


def a_merge(desk, *agencies, code="H42.910"):
    new = uuid4()
    creation = r.NewAgency(
        id=new,
        code=code,
        name="Sở hợp nhất",
        short_name="Sở HN",
        kind="department",
        parent_id=desk.directory.root_id,
    )
    merge = r.AgencyMerge(from_ids=list(agencies), into_id=new)
    return new, an_act(TODAY, creations=[creation], merges=[merge])


def test_two_systems_of_one_code_come_to_one_heir_and_a_third_is_refused(desk):
    first = desk.begun()
    second = desk.begun(agency_id=desk.two, covers=[desk.two])
    new, act = a_merge(desk, desk.one, desk.two)
    desk.directory.ok("reorganise", act)
    assert {desk.shown(each)["agency_id"] for each in (first, second)} == {str(new)}
    given = {"agency_id": new, "code": "HTQLCL-01", "name": "x", "scope": "y", "standards": [STANDARD]}
    again = {"request_id": uuid4(), "covers": [new], "valid_from": TODAY}
    assert desk.directory.refused("create_system", given | again) == ("system_code_taken", "code")


def test_what_is_to_be_covered_later_stays_so_and_a_system_yet_to_begin_does_not_end(desk):
    later = desk.begun(code="HTQLCL-03", valid_from=date(2027, 1, 1))
    third = desk.directory.an_agency()
    new, act = a_merge(desk, desk.one, third)
    desk.directory.ok("reorganise", act)
    found = desk.shown(later)
    assert found["state"] == "building"
    assert found["covers"] == [{"agency_id": str(new), "valid_from": "2027-01-01", "valid_to": None}]


def test_a_system_whose_keeper_is_dissolved_is_kept_by_the_agency_above(desk):
    system = desk.declared(covers=[desk.one, desk.two])
    desk.directory.ok("reorganise", an_act(TODAY, dissolutions=[r.AgencyDissolution(agency_id=desk.one)]))
    found = desk.shown(system)
    assert found["agency_id"] == str(desk.directory.root_id)
    assert [each["agency_id"] for each in found["covers"] if each["valid_to"] is None] == [str(desk.two)]


def test_nobody_lets_a_system_cover_an_agency_beyond_their_reach(desk):
    person, _ = desk.directory.an_account("thukymot")
    granted = [staff.RoleToGrant(role=d.Role.ISO_SECRETARY)]
    desk.directory.a_position(desk.one, person, title="Thư ký thứ hai", roles=granted)
    held = desk.directory.ok("list_positions", {"agency_id": desk.one})["items"]
    position = next(each["id"] for each in held if each["title"] == "Thư ký thứ hai")
    token = desk.directory.sign_in("thukymot", PASSWORD, position_id=UUID(position))["ok"]["grant"]
    given = {"agency_id": desk.one, "code": "X-1", "name": "x", "scope": "y", "standards": [STANDARD]}
    wide = {"request_id": uuid4(), "covers": [desk.one, desk.two], "valid_from": BEGIN}
    no = desk.directory.refused("create_system", given | wide, token=token)
    assert no == ("system_covers_beyond_reach", "covers")
    own = {"request_id": uuid4(), "covers": [desk.one], "valid_from": BEGIN}
    assert desk.directory.ok("create_system", given | own, token=token)["state"] == "building"


def test_days_to_come_and_days_before_the_last_change_are_refused(desk):
    system = desk.declared()
    far = {"ended_on": "2027-06-01", "reason": "Sai ngày"}
    assert desk.refused("end_system", system, **far) == ("system_day_to_come", "endedOn")
    old = {"covers": [desk.two], "from_day": "2025-12-01", "reason": "Sai ngày"}
    assert desk.refused("amend_system", system, **old) == ("system_day_gone_by", "fromDay")


def test_nobody_of_a_third_agency_sits_in_the_committee(desk):
    system, third = desk.begun(), desk.directory.an_agency()
    stranger = desk.directory.a_position(third, desk.directory.a_person(), title="Người ngoài")["id"]
    given = {"decision": "12/QĐ", "since": BEGIN, "seats": desk.seats(("member", stranger))}
    refused = desk.refused("appoint_committee", system, **given)
    assert refused == ("seat_of_another_agency", "seats.2.positionId")
