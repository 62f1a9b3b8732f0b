"""A hand-over passes on the steps that its giver took up; their clocks go on as if nothing had happened."""

from uuid import uuid4

from tests.integration.handing import follow, handed_over, reported


def test_steps_taken_up_pass_and_their_clocks_run_on(office, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    person, position = uuid4(), uuid4()
    mine = office.officer(person=person, position=position)
    first, second = (office.ok("register_dossier", office.application(), mine) for _ in range(2))
    handed_on = office.do("hand_over", second, mine, step=1)
    other = office.received()
    business_clock("2026-08-10T10:00+07:00")
    event = handed_over(person, position)
    follow(office.running, event)
    shown = {
        each["id"]: each
        for each in office.ok("dossiers_by_ids", {"ids": [first["id"], handed_on["id"], other["id"]]})
    }
    passed = shown[first["id"]]
    assert passed["officer_id"] == str(event.receiver_id)
    assert passed["holder_position_id"] == str(event.receiver_position_id)
    assert (passed["due_at"], passed["steps"][0]["due_at"]) == (first["due_at"], first["steps"][0]["due_at"])
    assert shown[other["id"]]["officer_id"] == other["officer_id"]
    assert shown[handed_on["id"]]["officer_id"] is None, "a step that nobody took up is its agency's"
    [published] = reported(office.running)
    assert [each["subject_id"] for each in published["things"]] == [first["id"]]
    successor = office.officer(person=event.receiver_id)
    [duty] = office.ok("dossier_duties", {"position_id": event.receiver_position_id}, successor)["items"]
    assert duty["subject_id"] == first["id"]
    assert office.published("dossier_changed")[-1]["officer_id"] == str(event.receiver_id)


def test_what_the_giver_took_up_as_another_position_stays(office):
    person = uuid4()
    dossier = office.ok("register_dossier", office.application(), office.officer(person=person))
    follow(office.running, handed_over(person, uuid4(), gave_up_all=False))
    [shown] = office.ok("dossiers_by_ids", {"ids": [dossier["id"]]})
    assert shown["officer_id"] == str(person)
