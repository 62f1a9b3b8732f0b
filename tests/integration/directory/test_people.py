"""Staff numbers, contacts, sealed identity numbers and finding people, on real servers."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import select, text

from contracts.directory import access
from contracts.directory import roles as c
from contracts.directory import staff as p
from contracts.directory.staff import PeopleByIds, RegisterPerson, RoleToGrant
from kernel.base import clock
from kernel.upkeep.acting import acting
from services.directory.staff import handlers as staff
from services.directory.staff.identity_numbers import IdentityKeys, IdentityVault
from services.directory.staff.tables import people
from tests.integration.directory.conftest import an_account, an_appointment
from tests.integration.directory.test_who_is_who import FILL, fill, plans_of

NUMBER, OLD_NUMBER = "037090001234", "161234567"


def registered(directory, **changes):
    given = {"request_id": uuid4(), "full_name": "Đinh Thị Mẫu"}
    return directory.ok("register_person", RegisterPerson(**given | changes))


def amended(view, **changes):
    given = {"request_id": uuid4(), "person_id": view["id"], "expected_version": view["version"]}
    return p.AmendPerson(**given | changes)


def identity(view, number=NUMBER, **changes):
    given = {"request_id": uuid4(), "person_id": view["id"], "expected_version": view["version"]}
    return p.RecordIdentityNumber(identity_number=number, **given | changes)


def found(directory, search=None, token=None, **more):
    page = directory.ok("list_people", p.ListPeople(search=search, **more), token=token)
    return [item["full_name"] for item in page["items"]]


def by_id(directory, person_id, token=None):
    [seen] = directory.ok("people_by_ids", PeopleByIds(ids=[person_id]), token=token)
    return seen


def test_a_person_is_amended_fact_by_fact(directory):
    person = registered(directory, staff_number="NB.0001", phone="0229 3871 156")
    changed = directory.ok(
        "amend_person", amended(person, full_name="Đinh  Thị Mẫu Hai", email="A@NB.example")
    )
    assert (changed["full_name"], changed["email"]) == ("Đinh Thị Mẫu Hai", "a@nb.example")
    assert (changed["phone"], changed["staff_number"]) == ("0229 3871 156", "NB.0001")
    emptied = directory.ok("amend_person", amended(changed, clears=[p.PersonFact.PHONE]))
    assert (emptied["phone"], emptied["version"]) == (None, 3)
    assert directory.refused("amend_person", amended(person, phone="123"))[0] == "changed_meanwhile"
    for changes, refusal in (
        ({"full_name": "   "}, ("too_short", "fullName")),
        ({"phone": "123", "clears": [p.PersonFact.PHONE]}, ("given_and_cleared", "clears")),
        ({"staff_number": "nb 1"}, ("wrong_form", "staffNumber")),
        ({"phone": "gọi tôi"}, ("wrong_form", "phone")),
    ):
        assert directory.refused("amend_person", amended(emptied, **changes)) == refusal


def test_a_staff_number_belongs_to_one_person(directory):
    registered(directory, staff_number="NB.0001")
    again = RegisterPerson(request_id=uuid4(), full_name="Người khác", staff_number="NB.0001")
    assert directory.refused("register_person", again) == ("staff_number_taken", "staffNumber")
    other = registered(directory)
    assert (
        directory.refused("amend_person", amended(other, staff_number="NB.0001"))[0] == "staff_number_taken"
    )
    both = [
        (
            "register_person",
            RegisterPerson(request_id=uuid4(), full_name="Hai", staff_number="NB.0002"),
        )
        for _ in range(2)
    ]
    done = directory.together(*both)
    [refusal] = [each["refused"] for each in done if "refused" in each]
    assert refusal["code"] == "staff_number_taken"


def test_an_identity_number_is_shown_masked_and_only_to_those_who_keep_the_person(directory):
    person_id, agency_id = directory.an_account("can.bo", c.Role.READER)
    directory.an_account("lanh.dao.khac", c.Role.UNIT_LEADER)
    leader = directory.a_person()
    directory.a_position(agency_id, leader, roles=[RoleToGrant(role=c.Role.UNIT_LEADER)])
    directory.ok("open_account", an_account(leader, "lanh.dao.minh"))
    view = directory.ok("record_identity_number", identity(by_id(directory, person_id)))
    assert view["identity_masked"] == "•" * 9 + "234"
    for username, seen in (
        ("lanh.dao.minh", "•" * 9 + "234"),
        ("lanh.dao.khac", None),
        ("can.bo", None),
    ):
        assert by_id(directory, person_id, directory.token_of(username))["identity_masked"] == seen, username
    foreign = directory.token_of("lanh.dao.khac")
    for unknown in (by_id(directory, person_id), {"id": uuid4(), "version": 1}):
        no = directory.refused("record_identity_number", identity(unknown, OLD_NUMBER), token=foreign)
        assert no == ("person_not_found", "personId")
        assert directory.refused("amend_person", amended(unknown, phone="123"), token=foreign) == no


def test_a_record_stays_with_the_home_agency_also_after_its_person_left(directory):
    """An account opens all that somebody holds: of who holds nothing any more it is the province's."""
    _, agency_id = directory.an_account("quan.tri.so", c.Role.PROVINCE_ADMIN)
    directory.an_account("quan.tri.khac", c.Role.PROVINCE_ADMIN)
    mine, others = directory.token_of("quan.tri.so"), directory.token_of("quan.tri.khac")
    coming, gone = registered(directory), registered(directory)
    later, before = clock.today() + timedelta(days=7), clock.today() - timedelta(days=1)
    directory.a_position(agency_id, UUID(coming["id"]), held_from=later)
    directory.a_position(agency_id, UUID(gone["id"]), held_to=before)
    for person, by, refused in (
        (coming, others, (True, True)),
        (gone, others, (True, True)),
        (gone, mine, (False, True)),
        (coming, mine, (False, False)),
    ):
        name = f"tai.khoan.{person['id'][:8]}"
        asked = [
            ("amend_person", amended(seen_of(directory, person), phone="0229 3871 156"), "person_not_found"),
            ("open_account", an_account(UUID(person["id"]), name), "not_permitted"),
        ]
        for (method, command, code), is_refused in zip(asked, refused, strict=True):
            answer = directory.ask(method, command, token=by)
            refusal = answer["refused"]["code"] if "refused" in answer else None
            assert refusal == (code if is_refused else None), (method, answer)
    directory.ok("open_account", an_account(UUID(gone["id"]), "nguoi.nghi"))


def seen_of(directory, person):
    """As the administrator sees them now."""
    return by_id(directory, UUID(person["id"]))


def test_an_identity_number_is_nowhere_to_be_read(directory):
    person = registered(directory)
    directory.ok("record_identity_number", identity(person))
    other = registered(directory, full_name="Người khác")
    assert directory.refused("record_identity_number", identity(other)) == (
        "identity_number_taken",
        "identityNumber",
    )
    with directory.database.sessions() as session:
        for table in ("people", "trail", "outbox", "commands", "personal_grants"):
            whole = session.scalar(text(f"select string_agg({table}::text, ' ') from {table}")) or ""
            assert NUMBER not in whole, table
            assert NUMBER.encode().hex() not in whole, table
        left = text("""select before, after from trail where subject_id = :id
                        and action = 'directory:record_identity_number'""")
        [row] = session.execute(left, {"id": person["id"]})
        assert set(row.after) == {"identity_recorded_at"}


def test_the_same_number_again_changes_nothing_and_another_one_is_kept_instead(directory):
    person = registered(directory)
    once = directory.ok("record_identity_number", identity(person))
    assert directory.ok("record_identity_number", identity(person)) == once
    now = directory.ok("record_identity_number", identity(once, OLD_NUMBER))
    assert now["identity_masked"] == "•" * 6 + "567"
    gone = directory.ok("record_identity_number", identity(now, None))
    assert gone["identity_masked"] is None
    assert directory.ok("record_identity_number", identity(now, None)) == gone
    directory.ok("record_identity_number", identity(registered(directory), NUMBER))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("12345678", "wrong_form"),
        ("0370900012345", "too_long"),
        ("03709000123a", "wrong_form"),
        ("٠٣٧٠٩٠٠٠١٢٣٤", "code_letter_unknown"),
    ],
)
def test_a_number_of_no_card_is_refused_without_being_repeated(directory, number, code):
    answer = directory.ask("record_identity_number", identity(registered(directory), number))
    assert (answer["refused"]["code"], answer["refused"]["field"]) == (code, "identityNumber")
    assert number not in json.dumps(answer, ensure_ascii=False)


def test_a_new_key_takes_over_and_the_old_one_may_go(directory):
    person = registered(directory)
    directory.ok("record_identity_number", identity(person))
    resources = directory.running.means.resources
    before = resources.identity
    old = json.loads(Path(directory.running.means.settings.identity_keys_file).read_text())
    more = {"current": "2", "keys": old["keys"] | {"2": "A" * 43 + "="}, "index_key": old["index_key"]}

    def sweeping(vault):
        return acting(
            replace(directory.running.means, resources=replace(resources, identity=vault)), "thử", "reseal"
        )

    both = IdentityVault(msgspec.convert(more, IdentityKeys, strict=False))
    with sweeping(both) as call:
        assert staff.reseal(call) == 1
    with sweeping(both) as call:
        assert staff.reseal(call) == 0
    with directory.database.sessions() as session:
        row = session.execute(select(people).where(people.c.id == person["id"])).one()
    new_only = IdentityVault(
        msgspec.convert(more | {"keys": {"2": more["keys"]["2"]}}, IdentityKeys, strict=False)
    )
    assert new_only.open(row.identity_key, row.identity_cipher, row.id) == NUMBER
    assert before.masked(row.identity_key, row.identity_cipher, row.id) == "?"
    # Put under another person's name it does not open.
    assert new_only.open(row.identity_key, row.identity_cipher, uuid4()) is None


def test_people_are_found_without_diacritics_and_by_staff_number(directory):
    for number, name in enumerate(("Nguyễn Văn An", "Trần Thị Ánh", "Đỗ Anh Tú", "Lê Văn Anh"), 1):
        registered(directory, full_name=name, staff_number=f"NB.{number:04}")
    assert found(directory, "anh") == ["Đỗ Anh Tú", "Lê Văn Anh", "Trần Thị Ánh"]
    assert found(directory, "do tu") == ["Đỗ Anh Tú"]
    assert found(directory, "nb.0001") == ["Nguyễn Văn An"]
    assert found(directory, "an") == ["Đỗ Anh Tú", "Lê Văn Anh", "Nguyễn Văn An", "Trần Thị Ánh"]
    assert found(directory, "100%") == []


def test_a_colleague_finds_those_of_the_own_agency_and_of_their_reach_only(directory):
    _, agency_id = directory.an_account("can.bo", c.Role.READER)
    below = directory.an_agency(kind="public_unit", parent_id=agency_id)
    directory.ok("appoint_position", an_appointment(below, directory.a_person("Người dưới quyền")))
    elsewhere = directory.an_agency()
    directory.ok("appoint_position", an_appointment(elsewhere, directory.a_person("Người nơi khác")))
    token = directory.token_of("can.bo")
    assert found(directory, token=token) == ["Đinh Thị Mẫu", "Người dưới quyền"]
    assert found(directory, token=token, agency_id=below) == ["Người dưới quyền"]
    for unseen in (elsewhere, uuid4()):
        assert found(directory, token=token, agency_id=unseen) == []
    public = directory.ok("public_grant", access.PublicGrant())["grant"]
    assert directory.refused("list_people", p.ListPeople(), token=public) == ("not_signed_in", None)


def test_people_are_found_by_index_among_twenty_thousand(directory):
    named = """update people set name_folded = 'nguoi so ' || right(full_name, 5),
                                 search_folded = 'nguoi so ' || right(full_name, 5) || ' nb.' || id"""
    fill(directory, (*FILL, named))
    directory.an_account("can.bo", c.Role.READER)
    with directory.database.sessions() as session:
        crowded = session.scalar(text("select agency_id from positions limit 1"))
    asked = {
        "first page": (p.ListPeople(), None),
        "search": (p.ListPeople(search="12345"), None),
        "agency": (p.ListPeople(agency_id=crowded), None),
        "own": (p.ListPeople(), "can.bo"),
    }
    for what, (question, username) in asked.items():
        token, mine = directory.token, directory.token_of(username) if username else directory.token
        directory.token = mine
        try:
            for plan in plans_of(directory, "list_people", question):
                # The tree of this test has one node only, which is read as such.
                assert not re.search("Seq Scan on (people|positions)", plan), f"{what}:\n{plan}"
        finally:
            directory.token = token
