"""The life of a dossier on real servers: who holds it, who may do what, and what is left behind."""

from datetime import date
from uuid import uuid4

from sqlalchemy import select

from kernel.data.tables import trail
from services.cases.statistics import queries as figures
from tests.integration.cases.conftest import TTHC, a_procedure, a_step, days


def test_a_dossier_goes_through_all_its_steps_and_is_on_time(office, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    dossier = office.received()
    assert dossier["due_at"] == "2026-08-22T01:00:00Z"
    assert [step["status"] for step in dossier["steps"]] == ["in_progress", *["waiting"] * 4]
    for seq, moment in ((1, "10T11:00"), (2, "13T09:00"), (3, "14T16:00")):
        business_clock(f"2026-08-{moment}+07:00")
        assert dossier["step_seq"] == seq
        dossier = office.on(dossier)
    assert dossier["holder_agency_id"] == str(office.root)
    business_clock("2026-08-18T09:00+07:00")
    dossier = office.on(dossier, office.officer(office.root))
    business_clock("2026-08-19T09:00+07:00")
    dossier = office.do("finish_dossier", dossier)
    assert (dossier["status"], dossier["outcome"]) == ("finished", "early")
    [finished] = office.published("dossier_finished")
    assert finished["on_time"] is True
    assert len(office.published("dossier_received")) == 1
    assert len(office.published("dossier_changed")) == 9


def test_a_make_up_saturday_counts_and_the_holiday_block_does_not(office, business_clock):
    business_clock("2026-08-12T09:00+07:00")
    dossier = office.received()
    # to 9 o'clock of 13, 14, 17 … 21, Saturday 22 (made up), 24, 25: ten days
    assert dossier["due_at"] == "2026-08-25T02:00:00Z"
    business_clock("2026-08-20T09:00+07:00")
    later = office.received()
    # to 9 o'clock of 21, 22, 24 … 28: seven days; off from Saturday 29 to Wednesday 2 September; 3, 4, 7
    assert later["due_at"] == "2026-09-07T02:00:00Z"


def test_a_dossier_stays_with_the_revision_in_force_when_it_was_received(office, business_clock):
    business_clock("2026-09-10T08:00+07:00")
    shorter = a_procedure(legal_time=days(5), steps=[a_step(1, days(5))])
    second = office.issue(2, date(2026, 9, 1), procedure=shorter)
    before = office.received(received_at="2026-08-31T09:00:00+07:00", blocks=[])
    after = office.received(received_at="2026-09-03T09:00:00+07:00", blocks=[])
    assert (before["revision_number"], len(before["steps"])) == (1, 5)
    assert (after["revision_number"], len(after["steps"])) == (2, 1)
    assert after["revision_id"] == str(second)


def test_revisions_heard_of_in_the_wrong_order_have_the_same_spans(office):
    third, document = date(2026, 3, 1), uuid4()
    for number, day in ((3, third), (1, date(2026, 1, 1)), (2, date(2026, 2, 1))):
        office.issue(
            number, day, document_id=document, code="QT-9", procedure=a_procedure(tthc_code="2.000635")
        )
    from services.cases.procedures.tables import procedures

    wanted = select(procedures.c.number, procedures.c.effective_to).where(
        procedures.c.document_id == document
    )
    office.eventually(
        lambda: (
            dict(office.database.engine.connect().execute(wanted).all())
            == {1: date(2026, 2, 1), 2: third, 3: None}
        )
    )


def test_steps_go_in_their_order_and_a_hand_over_waits_to_be_acknowledged(office):
    dossier = office.received()
    assert office.cannot("hand_over", dossier, step=3) == "step_is_not_current"
    dossier = office.do("hand_over", dossier, step=1)
    assert dossier["steps"][1]["status"] == "handed_over"
    assert office.cannot("hand_over", dossier, step=1) == "step_is_not_current"
    assert office.cannot("hand_over", dossier, step=2) == "hand_over_not_acknowledged"
    assert office.cannot("finish_dossier", dossier) == "hand_over_not_acknowledged"
    dossier = office.do("acknowledge_hand_over", dossier, step=2)
    assert office.cannot("acknowledge_hand_over", dossier, step=2) == "nothing_to_acknowledge"
    assert office.cannot("finish_dossier", dossier) == "steps_remain"


def test_a_block_is_acknowledged_by_its_own_agency_only_and_can_go_back_where_the_procedure_says(office):
    dossier = office.on(office.on(office.received()))
    assert office.cannot("return_step", dossier, step=3, reason="Thiếu") == "step_has_no_return"
    dossier = office.do("hand_over", dossier, step=3)
    assert office.cannot("acknowledge_hand_over", dossier, step=4) == "not_permitted"
    above = office.officer(office.root)
    dossier = office.do("acknowledge_hand_over", dossier, above, step=4)
    dossier = office.do("return_step", dossier, above, step=4, reason="Thiếu ý kiến thẩm định")
    assert dossier["step_seq"] == 2
    assert [step["status"] for step in dossier["steps"]] == ["done", "handed_over", *["waiting"] * 3]
    assert dossier["holder_agency_id"] == str(office.department)
    with office.database.sessions() as session:
        wanted = select(trail.c.reason).where(trail.c.action == "cases:return_step")
        assert session.scalars(wanted).all() == ["Thiếu ý kiến thẩm định"]


def test_the_same_command_sent_twice_has_one_effect(office):
    asked, officer = office.application(), office.officer()
    first = office.ok("register_dossier", asked, officer)
    assert office.ok("register_dossier", asked, officer) == first
    assert len(office.published("dossier_received")) == 1


def test_a_stale_copy_and_a_number_already_taken_are_refused(office):
    dossier = office.received()
    office.do("hand_over", dossier, step=1)
    assert office.cannot("hand_over", dossier, step=1) == "changed_meanwhile"
    again = office.application(number=dossier["number"])
    assert office.refused("register_dossier", again) == ("dossier_number_taken", "number")
    alike = dossier["number"].lower().replace("-", "\u2011\u200b")
    again = office.application(number=alike)
    assert office.refused("register_dossier", again) == ("dossier_number_taken", "number")


def test_a_pause_holds_the_clock_and_moves_only_what_remains(office, business_clock):
    business_clock("2026-08-10T07:30+07:00")
    dossier = office.received()
    business_clock("2026-08-11T07:30+07:00")
    dossier = office.do("pause_dossier", dossier, reason="supplement", note="Thiếu bản sao")
    assert (dossier["status"], dossier["due_at"]) == ("paused", None)
    assert office.cannot("pause_dossier", dossier, reason="supplement") == "already_paused"
    assert office.cannot("hand_over", dossier, step=1) == "dossier_is_paused"
    business_clock("2026-08-14T07:30+07:00")
    dossier = office.do("resume_dossier", dossier)
    # One day was used; nine remain: 14, 17 … 21, 22 (made up), 24, 25 to its end
    assert dossier["due_at"] == "2026-08-25T10:30:00Z"
    assert office.cannot("resume_dossier", dossier) == "not_paused"
    assert office.cannot("pause_dossier", dossier, reason="because") == "pause_reason_unknown"
    reasons = office.ok("pause_reasons", {})
    assert "supplement" in {each["code"] for each in reasons}


def test_a_dossier_that_has_ended_changes_no_more(office):
    dossier = office.do("stop_dossier", office.received(), reason="Người nộp rút hồ sơ")
    assert dossier["status"] == "stopped"
    for method, more in (
        ("pause_dossier", {"reason": "supplement"}),
        ("hand_over", {"step": 1}),
        ("finish_dossier", {}),
    ):
        assert office.cannot(method, dossier, **more) == "dossier_has_ended"
    assert office.cannot("stop_dossier", dossier, reason="Lần nữa") == "dossier_has_ended"


def test_what_cannot_be_received_is_refused_with_its_field(office, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    bad = {
        ("moment_in_the_future", "receivedAt"): {"received_at": "2026-08-10T09:00:00+07:00"},
        ("wrong_type", "receivedAt"): {"received_at": "2026-08-10T07:00:00"},
        ("procedure_not_in_force_then", "receivedAt"): {"received_at": "2025-06-30T09:00:00+07:00"},
        ("tthc_unknown", "tthcCode"): {"tthc_code": "9.999999"},
        ("procedure_not_found", "documentId"): {"document_id": uuid4(), "tthc_code": None},
        ("procedure_not_named", "documentId"): {"tthc_code": None},
        ("block_unknown", "blocks"): {"blocks": [{"block": "Bộ", "agency_id": office.root}]},
        ("agency_unknown", "competentAgencyId"): {"competent_agency_id": uuid4()},
    }
    for expected, changes in bad.items():
        assert office.refused("register_dossier", office.application(**changes)) == expected
    stranger = office.application(agency_id=office.commune)
    assert office.refused("register_dossier", stranger)[0] == "not_permitted"
    theirs = office.refused("register_dossier", stranger, office.officer(office.commune))
    assert theirs == ("tthc_unknown", "tthcCode")
    assert office.published("dossier_received") == []


def test_two_procedures_for_one_tthc_must_be_distinguished(office):
    other = uuid4()
    office.issue(1, date(2025, 7, 1), document_id=other, code="QTTP-21")
    assert office.refused("register_dossier", office.application())[0] == "procedure_ambiguous"
    assert office.received(tthc_code=None, document_id=other)["document_code"] == "QTTP-21"


def test_an_officer_whose_position_has_ended_is_refused_although_the_session_lasts(office, private_key):
    from datetime import timedelta

    from kernel.base import clock
    from kernel.trust.identity import Actor, Held, sign_token

    person, position = uuid4(), uuid4()
    actor = Actor(
        kind="person",
        person_id=person,
        position_id=position,
        agency_id=office.department,
        roles=(Held(role="case_officer", agency_id=office.department, with_subtree=False),),
    )
    token = sign_token(private_key, actor, clock.now(), timedelta(minutes=10))
    office.a_position(person, position, None)
    dossier = office.ok("register_dossier", office.application(), token)
    office.a_position(person, position, clock.today())
    assert office.cannot("hand_over", dossier, token, step=1) == "acting_position_ended"
    assert office.refused("register_dossier", office.application(), token)[0] == "acting_position_ended"


def test_the_name_of_the_applicant_is_shown_to_those_who_work_on_it_and_kept_out_of_events_and_trail(office):
    dossier = office.received()
    question = {"ids": [dossier["id"]]}
    assert office.ok("dossiers_by_ids", question)[0]["applicant_name"] == "Đinh Thị Mẫu"
    reader = office.officer(office.department, "reader")
    assert office.ok("dossiers_by_ids", question, reader)[0]["applicant_name"] is None
    assert office.ok("dossiers_by_ids", question, office.officer(office.commune)) == []
    assert "Đinh" not in str(office.published("dossier_received"))
    with office.database.sessions() as session:
        assert "Đinh" not in str(session.scalars(select(trail.c.after)).all())


def test_an_internal_procedure_needs_no_tthc(office):
    document = uuid4()
    content = a_procedure(tthc_code=None, legal_time=None, steps=[a_step(1, days(2))])
    office.issue(1, date(2025, 7, 1), document_id=document, code="QT-KT", procedure=content)
    dossier = office.received(tthc_code=None, document_id=document, blocks=[])
    assert (dossier["kind"], dossier["tthc_code"]) == ("internal", None)
    assert dossier["due_at"] is not None


def test_a_due_time_in_a_year_not_confirmed_is_a_warning_and_no_error(office, business_clock):
    business_clock("2026-12-28T08:00+07:00")
    dossier = office.received()
    assert dossier["unconfirmed_years"] == [2027]
    explained = office.ok("deadline_explanation", {"dossier_id": dossier["id"]})
    [warning] = explained["warnings"]
    assert warning["code"] == "year_not_confirmed"
    assert "2027" in warning["vi"]


def test_a_procedure_distributed_to_a_commune_serves_it_and_the_figures_agree(office, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    shared = a_procedure(tthc_code="2.000635", steps=[], legal_time=days(2))
    office.issue(
        1,
        date(2025, 7, 1),
        document_id=uuid4(),
        code="QT-X",
        distribution=(office.commune,),
        procedure=shared,
    )
    at_commune = office.officer(office.commune)
    asked = office.application(agency_id=office.commune, tthc_code="2.000635", blocks=[])
    dossier = office.ok("register_dossier", asked, at_commune)
    assert office.cannot("hand_over", dossier, at_commune, step=1) == "dossier_has_no_steps"
    business_clock("2026-08-14T08:00+07:00")
    dossier = office.do("finish_dossier", dossier, at_commune)
    assert dossier["outcome"] == "late"
    office.received(tthc_code=TTHC)
    everybody = office.officer(office.root, "province_admin", with_subtree=True)
    agencies = [office.commune, office.department, uuid4()]
    shown = {row["agency_id"]: row for row in office.ok("figures_of", {"agency_ids": agencies}, everybody)}
    assert len(shown) == 3
    assert (shown[str(office.commune)]["late"], shown[str(office.commune)]["open"]) == (1, 0)
    assert (shown[str(office.department)]["received"], shown[str(office.department)]["open"]) == (1, 1)
    own = office.ok("figures_of", {"agency_ids": agencies}, at_commune)
    assert [row["agency_id"] for row in own] == [str(office.commune)]
    with office.database.sessions() as session:
        assert figures.kept(session) == +figures.rebuilt(session)


def lasting(rows):
    """Rows of a trail without what comes to each by itself."""
    return [{**row, "is_sealed": ...} for row in rows]


def test_the_trail_of_a_dossier_is_read_by_those_who_work_on_it_and_by_nobody_else(office):
    dossier = office.on(office.received())
    asked = {"dossier_id": dossier["id"]}
    rows = office.ok("trail_of", asked)
    wanted = ["cases:acknowledge_hand_over", "cases:hand_over", "cases:register_dossier"]
    assert [row["action"] for row in rows] == wanted
    there = office.ok("trail_of", asked, office.officer(office.root))
    assert lasting(there) == lasting(rows), "its block is done there"
    assert office.refused("trail_of", asked, office.officer(office.commune)) == (
        "dossier_not_found",
        "dossierId",
    )
    reader = office.officer(office.department, "reader")
    assert office.refused("trail_of", asked, reader)[0] == "not_permitted"
    elsewhere = office.a_token("inspector", agency=office.commune, works_at=office.department)
    assert office.refused("trail_of", asked, elsewhere)[0] == "dossier_not_found"
