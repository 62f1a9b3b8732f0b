"""What dossiers wait for: a step handed over waits for its agency, one taken up for its officer."""

from uuid import uuid4

from tests.integration.plans import read_whole, watched


def duties(office, token, **more):
    return office.ok("dossier_duties", more, token)


def kinds(office, token, **more):
    return [each["kind"] for each in duties(office, token, **more)["items"]]


def test_a_step_waits_for_its_officer_and_then_for_the_agency_it_is_handed_to(office, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    me, position = uuid4(), uuid4()
    mine = office.officer(person=me)
    dossier = office.ok("register_dossier", office.application(), mine)
    [step] = duties(office, mine)["items"]
    assert (step["kind"], step["is_own"], step["subject_id"]) == ("step", True, dossier["id"])
    assert step["due_at"] == dossier["steps"][0]["due_at"], "the step's own clock ends before the dossier's"
    assert step["minutes_left"] == 4 * 60, "half a working day"
    dossier = office.do("hand_over", dossier, mine, step=1)
    assert kinds(office, mine) == ["receipt"]
    assert kinds(office, office.officer(office.commune)) == []
    assert kinds(office, office.officer(), position_id=position) == []
    dossier = office.do("acknowledge_hand_over", dossier, step=2)
    assert kinds(office, mine) == []


def test_what_is_late_comes_first_and_is_counted(office, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    mine = office.officer(person=uuid4())
    early = office.ok("register_dossier", office.application(), mine)
    business_clock("2026-08-11T08:00+07:00")
    later = office.ok("register_dossier", office.application(), mine)
    found = duties(office, mine)
    assert [each["subject_id"] for each in found["items"]] == [early["id"], later["id"]]
    assert [each["minutes_left"] for each in found["items"]] == [-240, 240]
    assert found["counts"] == [{"kind": "step", "count": 2, "late": 1}]


def test_nothing_is_to_be_done_while_a_dossier_is_paused(office, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    mine = office.officer(person=uuid4())
    dossier = office.ok("register_dossier", office.application(), mine)
    office.do("pause_dossier", dossier, mine, reason="supplement", note="Chờ bổ sung")
    assert kinds(office, mine) == []


def test_a_leader_sees_the_steps_of_an_officer_of_the_unit_and_a_stranger_does_not(office):
    person = uuid4()
    office.ok("register_dossier", office.application(), office.officer(person=person))
    leader = office.a_token("unit_leader", agency=office.department)
    assert kinds(office, leader, person_id=person) == ["step"]
    stranger = office.a_token("unit_leader", agency=office.commune)
    assert kinds(office, stranger, person_id=person) == []
    assert kinds(office, office.officer(), person_id=person) == []


def test_what_waits_is_found_by_index(office):
    person = uuid4()
    mine = office.officer(person=person)
    office.ok("register_dossier", office.application(), mine)
    everywhere = office.officer(office.root, with_subtree=True)
    for token in (mine, office.officer(), everywhere):
        with watched(office.database) as asked:
            duties(office, token)
        assert read_whole(office.database, asked, ("dossiers",)) == []
