"""A person's record: whose it is to keep, what changes and who is notified, and the release to others."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from contracts.directory.events import PersonChanged, PersonRecordChanged
from contracts.directory.staff import PersonFact, RecordFact, ReleaseView
from kernel.base.errors import Conflict, Forbidden, Invalid
from services.directory.staff.domain.person import Editor, Person

TODAY, NOW = date(2026, 8, 10), datetime(2026, 8, 10, 1, tzinfo=UTC)
HOME, OTHER = uuid4(), uuid4()
EDITOR = Editor(person_id=uuid4(), agency_id=HOME)


def a_person(**changes):
    given = {"id": uuid4(), "full_name": "Đinh Thị Mẫu", "email": "mau@xa.example", "home_agency_id": HOME}
    person = Person.register(**given | changes)
    person.drain()
    return person


def a_release(agency=OTHER, until=None, moves_home=False):
    given = {"agency_id": agency, "until": until, "moves_home": moves_home}
    known = {name: given[name] for name in given if name in ReleaseView.__dataclass_fields__}
    rest = set(ReleaseView.__dataclass_fields__) - set(known)
    return ReleaseView(**known, **dict.fromkeys(rest))


def told_of(person):
    """The facts that the person is notified of, and the old address."""
    return [
        (each.changed, each.old_email) for each in person.drain() if isinstance(each, PersonRecordChanged)
    ]


def test_a_name_and_an_address_are_kept_tidy():
    person = Person.register(id=uuid4(), full_name="  Đinh  Thị Mẫu ", email=" MAU@Xa.example ")
    assert (person.full_name, person.email) == ("Đinh Thị Mẫu", "mau@xa.example")
    [published] = person.drain()
    assert isinstance(published, PersonChanged)
    assert (published.full_name, published.email) == ("Đinh Thị Mẫu", "mau@xa.example")


@pytest.mark.parametrize("name", ["", "   "])
def test_nobody_is_without_a_name(name):
    with pytest.raises(Invalid, match="name_is_blank"):
        a_person(full_name=name)
    with pytest.raises(Invalid, match="name_is_blank"):
        a_person().amend({"full_name": name}, by=EDITOR)


def test_a_change_is_published_with_what_became_another_and_the_address_of_before():
    person = a_person()
    assert person.amend({"full_name": "Đinh Thị Mẫu", "email": "moi@xa.example", "phone": None}, by=EDITOR)
    changed, record = person.drain()
    assert isinstance(changed, PersonChanged)
    assert (record.changed, record.old_email, record.email) == (
        (RecordFact.EMAIL,),
        "mau@xa.example",
        "moi@xa.example",
    )
    assert (record.agency_id, record.changed_by) == (HOME, EDITOR.person_id)


def test_what_stays_the_same_is_published_to_nobody():
    person = a_person()
    assert not person.amend({"email": "MAU@xa.example"}, by=EDITOR)
    assert person.drain() == []
    assert person.amend({"phone": "0912"}, by=EDITOR)
    assert told_of(person) == [((RecordFact.PHONE,), None)]


def test_a_fact_is_cleared_or_given_and_not_both():
    person = a_person(phone="0912")
    with pytest.raises(Invalid, match="given_and_cleared"):
        person.amend({"phone": "1"}, [PersonFact.PHONE], by=EDITOR)
    assert person.amend({}, [PersonFact.PHONE], by=EDITOR)
    assert person.phone is None


def test_people_change_their_own_contacts_and_nothing_else():
    person = a_person(staff_number="12")
    assert person.amend_own({"phone": "0912", "full_name": None}, [PersonFact.EMAIL], by=EDITOR)
    assert (person.phone, person.email) == ("0912", None)
    with pytest.raises(Forbidden, match="record_of_home_agency"):
        person.amend_own({"full_name": "Khác"}, [], by=EDITOR)
    with pytest.raises(Forbidden, match="record_of_home_agency"):
        person.amend_own({}, [PersonFact.STAFF_NUMBER], by=EDITOR)


def test_an_identity_number_is_kept_once_and_taken_out_whole():
    person = a_person()
    person.record_identity("k", b"c", b"i", NOW, by=EDITOR)
    assert told_of(person) == [((RecordFact.IDENTITY_NUMBER,), None)]
    person.record_identity("k2", b"c2", b"i", NOW + timedelta(days=1), by=EDITOR)
    assert (person.identity_key, person.identity_recorded_at, told_of(person)) == ("k", NOW, [])
    person.record_identity("k2", b"c2", b"i2", NOW, by=EDITOR, is_new=True)
    assert (person.identity_cipher, told_of(person)) == (b"c2", [])
    assert not {"identity_key", "identity_cipher", "identity_index"} & person.snapshot().keys()
    person.remove_identity(by=EDITOR)
    kept = (person.identity_key, person.identity_cipher, person.identity_index, person.identity_recorded_at)
    assert kept == (None, None, None, None)
    assert told_of(person) == [((RecordFact.IDENTITY_NUMBER,), None)]


def test_the_first_agency_keeps_the_record_of_who_has_none():
    person = a_person(home_agency_id=None)
    person.take_first_home(HOME, TODAY)
    person.take_first_home(OTHER, TODAY + timedelta(days=1))
    assert (person.home_agency_id, person.home_since, person.trail_agency) == (HOME, TODAY, HOME)
    assert len(person.drain()) == 1


def test_a_release_is_given_to_others_replaced_and_taken_back():
    person = a_person()
    with pytest.raises(Invalid, match="release_to_home_agency"):
        person.let_go(a_release(HOME), by=EDITOR)
    with pytest.raises(Conflict, match="no_release"):
        person.take_back(by=EDITOR)
    person.let_go(a_release(), by=EDITOR)
    person.let_go(a_release(), by=EDITOR)
    assert told_of(person) == [((RecordFact.RELEASE,), None)]
    person.take_back(by=EDITOR)
    assert (person.release, told_of(person)) == (None, [((RecordFact.RELEASE,), None)])


@pytest.mark.parametrize(("home", "code"), [(None, "person_of_province"), ("Sở", "person_of_another_agency")])
def test_nobody_is_appointed_without_a_release_or_by_anothers(home, code):
    person = a_person()
    with pytest.raises(Forbidden, match=code):
        person.use_release(OTHER, None, TODAY, home=home)
    person.let_go(a_release(uuid4()), by=EDITOR)
    with pytest.raises(Forbidden, match=code):
        person.use_release(OTHER, None, TODAY, home=home)


def test_a_release_is_used_once_and_for_no_longer_than_agreed():
    person = a_person()
    person.let_go(a_release(until=TODAY), by=EDITOR)
    for held_to in (None, TODAY + timedelta(days=1)):
        with pytest.raises(Invalid, match="release_ends_before"):
            person.use_release(OTHER, held_to, TODAY, home="Sở")
    person.use_release(OTHER, TODAY, TODAY, home="Sở")
    assert (person.release, person.home_agency_id) == (None, HOME)
    with pytest.raises(Forbidden):
        person.use_release(OTHER, TODAY, TODAY, home="Sở")


def test_a_release_for_good_moves_the_home():
    person = a_person()
    person.let_go(a_release(moves_home=True), by=EDITOR)
    person.drain()
    person.use_release(OTHER, None, TODAY, home="Sở")
    assert (person.home_agency_id, person.home_since, person.release) == (OTHER, TODAY, None)
    assert [each.home_agency_id for each in person.drain()] == [OTHER]


def test_a_move_of_the_home_is_published_and_makes_the_release_void():
    person = a_person()
    person.let_go(a_release(uuid4()), by=EDITOR)
    person.drain()
    person.move_home(HOME, TODAY, by=EDITOR)
    assert person.drain() == []
    person.move_home(OTHER, TODAY, by=EDITOR)
    assert (person.home_agency_id, person.home_since, person.release) == (OTHER, TODAY, None)
    changed, record = person.drain()
    assert (type(changed), changed.home_agency_id) == (PersonChanged, OTHER)
    assert (record.changed, record.old_email) == ((RecordFact.HOME_AGENCY,), None)


def test_the_heir_of_a_home_keeps_the_record():
    person = a_person()
    person.let_go(a_release(), by=EDITOR)
    person.drain()
    person.follow_home(OTHER, TODAY)
    assert (person.home_agency_id, person.home_since, person.release) == (OTHER, TODAY, None)
    assert [type(each) for each in person.drain()] == [PersonChanged]
