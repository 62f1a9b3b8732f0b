"""Whose record which agency keeps, who may change what of it, and that the person is notified."""

from datetime import timedelta
from pathlib import Path
from runpy import run_path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from contracts.directory import access, staff
from contracts.directory import reorganisations as r
from contracts.directory import roles as c
from contracts.directory.events import PersonRecordChanged
from kernel.base import clock
from kernel.data.tables import outbox
from services.directory import service
from services.directory.staff.tables import people
from tests.integration.directory.acts import a_commune, an_act
from tests.integration.directory.conftest import an_account, an_appointment
from tests.integration.directory.test_people import NUMBER, amended, by_id, found, identity

MIGRATION = Path(service.__file__).parent / "migrations" / "versions" / "0016_home_agencies.py"
CONTACTS = {"email": "mau@ninhbinh.example", "phone": "0229 3871 156", "staff_number": "NB.0007"}


@pytest.fixture
def two(directory):
    """Two agencies with their leaders, and somebody of the first who has an account."""
    return Two(directory)


class Two:
    def __init__(self, directory):
        self.directory = directory
        self.home, self.leader, self.leader_id = self._unit("lanh.dao.minh")
        self.other, self.foreign, _ = self._unit("lanh.dao.khac")
        given = staff.RegisterPerson(request_id=uuid4(), full_name="Đánh giá viên", **CONTACTS)
        self.person = UUID(directory.ok("register_person", given)["id"])
        directory.a_position(self.home, self.person)
        directory.ok("open_account", an_account(self.person, "danh.gia.vien"))

    def _unit(self, username):
        directory, agency_id = self.directory, self.directory.an_agency()
        leader = directory.a_person(f"Lãnh đạo {username}")
        directory.a_position(agency_id, leader, roles=[staff.RoleToGrant(role=c.Role.UNIT_LEADER)])
        directory.ok("open_account", an_account(leader, username))
        return agency_id, directory.token_of(username), leader

    @property
    def own(self):
        return self.directory.token_of("danh.gia.vien")

    @property
    def view(self):
        return by_id(self.directory, self.person)

    def appoint(self, agency_id, token, **changes):
        command = an_appointment(agency_id, self.person, title="Cộng tác viên", **changes)
        return self.directory.ask("appoint_position", command, token=token)

    def release(self, token, **changes):
        given = {"agency_id": self.other, "basis": "QĐ 12/QĐ-SNV", "expected_version": self.view["version"]}
        asked = staff.ReleasePerson(request_id=uuid4(), person_id=self.person, **given | changes)
        return self.directory.ask("release_person", asked, token=token)

    def write(self, token):
        """What a token may write of the record, fact by fact: the codes of the refusals."""
        facts = {"full_name": "Tên Khác", "email": "k@k.example", "phone": "0229 1", "staff_number": "X.1"}
        codes = {}
        for name, value in facts.items():
            answer = self.directory.ask("amend_person", amended(self.view, **{name: value}), token=token)
            codes[name] = code_of(answer)
        answer = self.directory.ask("record_identity_number", identity(self.view), token=token)
        return codes | {"identity": code_of(answer)}

    def published(self):
        """What the person was notified of, oldest first."""
        with self.directory.database.sessions() as session:
            events = select(outbox.c.event).where(outbox.c.topic == PersonRecordChanged.topic)
            mine = events.where(outbox.c.event["person_id"].astext == str(self.person))
            return list(session.scalars(mine.order_by(outbox.c.recorded_at)))


def code_of(answer):
    return answer["refused"]["code"] if "refused" in answer else None


ALL = ("full_name", "email", "phone", "staff_number", "identity")


def test_a_foreign_leader_appoints_nobody_without_their_home_agency_and_writes_no_record(two):
    for roles in ([], [staff.RoleToGrant(role=c.Role.READER)]):
        assert code_of(two.appoint(two.other, two.foreign, roles=roles)) == "person_of_another_agency"
    assert two.write(two.foreign) == dict.fromkeys(ALL, "person_not_found")
    # Also not once the person works there with the home agency's word, or by the province's.
    assert code_of(two.release(two.foreign)) == "person_not_found"
    assert "ok" in two.release(two.leader)
    assert "ok" in two.appoint(two.other, two.foreign)
    assert two.write(two.foreign) == dict.fromkeys(ALL, "person_not_found")
    assert two.write(two.leader) == dict.fromkeys(ALL)


def test_a_release_is_for_one_agency_one_time_and_as_long_as_it_says(two):
    until = clock.today() + timedelta(days=300)
    two.release(two.leader, until=until)
    third = two.directory.an_agency()
    assert code_of(two.release(two.leader, agency_id=two.home)) == "release_to_home_agency"
    assert code_of(two.release(two.leader, until=clock.today())) == "release_is_over"
    assert code_of(two.release(two.leader, until=until, moves_home=True)) == "release_moves_for_good"
    for end in (None, until + timedelta(days=1)):
        assert code_of(two.appoint(two.other, two.foreign, held_to=end)) == "release_ends_before"
    assert code_of(two.appoint(third, two.foreign)) == "not_permitted"
    assert "ok" in two.appoint(two.other, two.foreign, held_to=until)
    again = {"held_from": until, "held_to": until + timedelta(days=9)}
    assert code_of(two.appoint(two.other, two.foreign, **again)) == "person_of_another_agency"
    two.release(two.leader)
    taken = staff.WithdrawRelease(
        request_id=uuid4(), person_id=two.person, expected_version=two.view["version"]
    )
    two.directory.ok("withdraw_release", taken, token=two.leader)
    assert code_of(two.appoint(two.other, two.foreign, held_from=until)) == "person_of_another_agency"


def test_the_home_agency_moves_by_both_agencies_or_by_the_province(two):
    assert two.view["home_agency_id"] == str(two.home)
    two.release(two.leader, moves_home=True)
    assert two.view["home_agency_id"] == str(two.home)
    assert "ok" in two.appoint(two.other, two.foreign)
    assert two.view["home_agency_id"] == str(two.other)
    assert two.write(two.leader) == dict.fromkeys(ALL, "person_not_found")
    moved = staff.MovePerson(
        request_id=uuid4(),
        person_id=two.person,
        home_agency_id=two.home,
        basis="QĐ 34/QĐ-UBND",
        expected_version=two.view["version"],
    )
    for leader in (two.leader, two.foreign):
        assert two.directory.refused("move_person", moved, token=leader)[0] == "not_permitted"
    assert two.directory.ok("move_person", moved)["home_agency_id"] == str(two.home)


def test_who_belongs_to_no_agency_is_the_provinces_to_appoint(two):
    two.person = two.directory.a_person("Người mới")
    assert code_of(two.appoint(two.other, two.foreign)) == "person_of_province"
    two.directory.a_position(two.other, two.person)
    assert two.view["home_agency_id"] == str(two.other)


def test_people_change_their_own_contacts_and_nothing_else_of_their_record(two):
    own = two.own
    assert two.write(own) == {
        "full_name": "record_of_home_agency",
        "email": None,
        "phone": None,
        "staff_number": "record_of_home_agency",
        "identity": "not_permitted",
    }
    clears = amended(two.view, clears=[staff.PersonFact.STAFF_NUMBER])
    assert two.directory.refused("amend_person", clears, token=own)[0] == "record_of_home_agency"
    other = by_id(two.directory, two.leader_id)
    assert two.directory.refused("amend_person", amended(other, phone="0229 1"), token=own) == (
        "person_not_found",
        "personId",
    )


def test_every_change_of_a_record_is_published_with_the_address_of_before(two):
    assert two.published() == []
    change = amended(two.view, email="moi@ninhbinh.example", phone="0229 2")
    two.directory.ok("amend_person", change, token=two.leader)
    two.directory.ok("record_identity_number", identity(two.view), token=two.leader)
    two.directory.ok("record_identity_number", identity(two.view, None), token=two.leader)
    two.release(two.leader)
    two.appoint(two.other, two.foreign)
    two.directory.ok("amend_person", amended(two.view, phone="0229 3"), token=two.own)
    published = two.published()
    assert [each["changed"] for each in published] == [
        ["email", "phone"],
        ["identity_number"],
        ["identity_number"],
        ["release"],
        ["position"],
        ["phone"],
    ]
    assert published[0]["changed_by"] == str(two.leader_id)
    assert published[0]["agency_id"] == str(two.home)
    assert published[4]["agency_id"] == str(two.other)
    assert published[5]["changed_by"] == str(two.person)
    assert [each["old_email"] for each in published] == [CONTACTS["email"], *[None] * 5]
    assert {each["email"] for each in published} == {"moi@ninhbinh.example"}
    assert NUMBER not in str(published)
    # The same again is no change, and nobody is notified.
    two.directory.ok("amend_person", amended(two.view, phone="0229 3"), token=two.own)
    assert len(two.published()) == 6


def seen(directory, person_id, token):
    view = by_id(directory, person_id, token)
    return {name for name in (*CONTACTS, "identity_masked", "release") if view[name] is not None}


def test_what_is_shown_of_a_person_goes_by_how_near_one_is_wherever_the_person_appears(two):
    directory = two.directory
    directory.ok("record_identity_number", identity(two.view))
    two.release(two.leader)
    contacts, record = set(CONTACTS), {"identity_masked", "release"}
    for number, role in enumerate(c.Role):
        if role in (c.Role.INTEGRATION_CLIENT, c.Role.UNIT_LEADER):
            continue
        clerk = directory.a_person(f"Người ngoài {number}")
        directory.a_position(directory.an_agency(), clerk, roles=some(directory, role))
        directory.ok("open_account", an_account(clerk, f"nguoi.ngoai.{number}"))
        token = directory.token_of(f"nguoi.ngoai.{number}")
        is_shown = bool(seen(directory, two.person, token))
        assert is_shown is ("Đánh giá viên" in found(directory, token=token)), role
        assert is_shown is False, role
        assert by_id(directory, two.person, token)["full_name"] == "Đánh giá viên"
    colleague = directory.a_person("Đồng nghiệp")
    directory.a_position(two.home, colleague)
    directory.ok("open_account", an_account(colleague, "dong.nghiep"))
    for who, token, facts in (
        ("colleague", directory.token_of("dong.nghiep"), contacts),
        ("oneself", two.own, contacts),
        ("keeper", two.leader, contacts | record),
        ("province", None, contacts | record),
        ("receiver of the release", two.foreign, {"release"}),
    ):
        assert seen(directory, two.person, token) == facts, who
        assert ("Đánh giá viên" in found(directory, token=token)) is (contacts <= facts), who
    me = directory.ok("me", access.Me(), token=two.own)["person"]
    assert {name: me[name] for name in CONTACTS} == CONTACTS
    assert (me["identity_masked"], me["release"]) == (None, None)


def some(directory, role):
    """The role as it may be held at a department, where it may be."""
    at_province = {c.Role.PROVINCE_STEERING, c.Role.PROVINCE_ADMIN, c.Role.SYSTEM_OPERATOR}
    return [] if role in at_province else [staff.RoleToGrant(role=role)]


def test_the_record_follows_where_its_home_agency_goes(two):
    directory = two.directory
    left = directory.a_person("Đã nghỉ", home=two.home)
    heir = a_commune(1, directory.root_id, kind="department")
    merge = r.AgencyMerge(from_ids=[two.home, directory.an_agency()], into_id=heir.id)
    act = an_act(clock.today(), creations=[heir], merges=[merge])
    directory.ok("reorganise", act)
    assert two.view["home_agency_id"] == str(heir.id)
    assert by_id(directory, left)["home_agency_id"] == str(heir.id)


def test_who_is_there_already_gets_the_home_agency_that_they_work_in(two):
    directory = two.directory
    left, never = directory.a_person("Đã nghỉ"), directory.a_person("Chưa làm")
    directory.a_position(two.other, left, held_to=clock.today() - timedelta(days=1))
    directory.a_position(two.other, two.person, title="Kiêm nhiệm", held_from=clock.today())
    derive = run_path(str(MIGRATION))["STATEMENTS"][1]
    with directory.database.engine.begin() as connection:
        connection.execute(update(people).values(home_agency_id=None, home_since=None))
        connection.execute(text(derive))
        rows = connection.execute(select(people.c.id, people.c.home_agency_id)).tuples().all()
    homes = dict(rows)
    assert (homes[two.person], homes[left], homes[never]) == (two.home, two.other, None)
