"""Nobody makes another agency answer for a dossier alone: it works by the procedure, or it has agreed."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from kernel.data.tables import trail
from tests.integration.cases.conftest import BLOCK, a_procedure, a_step
from tests.integration.cases.test_sync import a_record

NOW = "2026-08-20T09:00+07:00"
LATELY, LONG_AGO = "2026-08-18T08:00:00+07:00", "2026-03-02T08:00:00+07:00"


@pytest.fixture
def office(office, business_clock):
    business_clock(NOW)
    return office


@pytest.fixture
def own_procedure(office):
    """A procedure that the department wrote for itself, and distributed to the commune unasked."""
    document = uuid4()
    distributed = {"distribution": (office.commune,), "procedure": a_procedure(tthc_code=None)}
    office.issue(1, date(2025, 7, 1), document_id=document, code="QT-BIA", **distributed)
    return document


def about_the_commune(number="HS-1", **changes):
    given = {"tthc_code": None, "document_code": "QT-BIA", "competent_agency_code": "H42.101"}
    return a_record(number, **given | {"received_at": LATELY} | changes)


def test_a_sync_names_no_foreign_agency_by_the_sources_own_procedure(office, own_procedure):
    [verdict] = office.sync(about_the_commune(due_at="2026-08-18T08:00:01+07:00"))["verdicts"]
    assert (verdict["code"], verdict["field"]) == ("agency_not_linked", "competentAgencyCode")
    assert office.published("dossier_overdue") == []


def test_a_registration_names_none_either_nor_gives_it_a_block(office, own_procedure):
    given = {"tthc_code": None, "document_id": own_procedure}
    named = office.application(**given, competent_agency_id=office.commune)
    assert office.refused("register_dossier", named) == ("agency_not_linked", "competentAgencyId")
    block = office.application(**given, blocks=[{"block": BLOCK, "agency_id": office.commune}])
    assert office.refused("register_dossier", block) == ("agency_not_linked", "blocks.0.agencyId")


def test_an_agency_answers_by_a_procedure_of_its_own_or_one_that_a_third_gave_it(office):
    theirs, common = uuid4(), uuid4()
    owned = {"document_id": theirs, "agency_id": office.commune, "procedure": a_procedure(tthc_code=None)}
    office.issue(1, date(2025, 7, 1), code="QT-XA", **owned)
    shared = owned | {"document_id": common, "agency_id": office.root}
    office.issue(1, date(2025, 7, 1), code="QT-CHUNG", distribution=(office.commune,), **shared)
    report = office.sync(
        about_the_commune("HS-1", document_code="QT-XA"), about_the_commune("HS-2", document_code="QT-CHUNG")
    )
    assert (report["created"], report["refused"]) == (2, 0)


def test_its_due_time_is_the_procedures_and_not_the_sources_word(office):
    owned = {"agency_id": office.commune, "procedure": a_procedure(tthc_code=None)}
    office.issue(1, date(2025, 7, 1), document_id=uuid4(), code="QT-XA", **owned)
    early, fair = "2026-08-18T09:00:00+07:00", "2026-12-31T09:00:00+07:00"
    line = about_the_commune(document_code="QT-XA")
    [no] = office.sync(line | {"due_at": early})["verdicts"]
    assert (no["code"], no["field"]) == ("due_before_counted", "dueAt")
    assert office.sync(line | {"due_at": fair})["created"] == 1
    later = line | {"changed_at": "2026-08-19T09:00:00+07:00", "due_at": early}
    assert office.sync(later)["verdicts"][0]["code"] == "due_before_counted"
    assert office.published("dossier_overdue") == []


def test_nobody_dates_a_dossier_of_others_further_back_than_the_rule(office):
    owned = {"agency_id": office.commune, "procedure": a_procedure(tthc_code=None)}
    office.issue(1, date(2025, 7, 1), document_id=uuid4(), code="QT-XA", **owned)
    line = about_the_commune(document_code="QT-XA", received_at=LONG_AGO)
    [no] = office.sync(line)["verdicts"]
    assert (no["code"], no["field"]) == ("received_too_long_ago_for_others", "receivedAt")
    office.link(office.commune, office.department, date(2026, 3, 1))
    assert office.sync(line)["created"] == 1


def test_a_correction_dates_a_dossier_of_others_no_further_back_either(office):
    owned = {"agency_id": office.commune, "procedure": a_procedure(tthc_code=None)}
    office.issue(1, date(2025, 7, 1), document_id=uuid4(), code="QT-XA", **owned)
    line = about_the_commune(document_code="QT-XA")
    assert office.sync(line)["created"] == 1
    later = line | {"changed_at": "2026-08-19T09:00:00+07:00"}
    [no] = office.sync(later | {"received_at": LONG_AGO})["verdicts"]
    assert (no["code"], no["field"]) == ("received_too_long_ago_for_others", "receivedAt")
    own = a_record("HS-2", tthc_code=None, document_code="QT-RIENG", received_at=LATELY)
    office.issue(1, date(2000, 7, 1), document_id=uuid4(), code="QT-RIENG", procedure=owned["procedure"])
    assert office.sync(own)["created"] == 1
    [no] = office.sync(own | {"changed_at": later["changed_at"], "received_at": "2016-01-04T08:00:00+07:00"})[
        "verdicts"
    ]
    assert no["code"] == "received_too_long_ago"
    assert office.published("dossier_overdue") == []


def test_a_correction_brings_a_dossier_of_others_under_no_procedure_of_the_sources_own(office, own_procedure):
    owned = {"agency_id": office.commune, "procedure": a_procedure(tthc_code=None)}
    office.issue(1, date(2025, 7, 1), document_id=uuid4(), code="QT-XA", **owned)
    line = about_the_commune(document_code="QT-XA")
    assert office.sync(line)["created"] == 1
    moved = line | {"changed_at": "2026-08-19T09:00:00+07:00", "document_code": "QT-BIA"}
    [no] = office.sync(moved)["verdicts"]
    assert (no["code"], no["field"]) == ("agency_not_linked", "competentAgencyCode")


def test_neither_a_pause_nor_a_procedure_without_a_time_lets_the_source_set_when_others_are_late(office):
    owned = {"agency_id": office.commune, "procedure": a_procedure(tthc_code=None)}
    office.issue(1, date(2025, 7, 1), document_id=uuid4(), code="QT-XA", **owned)
    timeless = a_procedure(tthc_code=None, legal_time=None, steps=[a_step(1, None)])
    office.issue(
        1, date(2025, 7, 1), document_id=uuid4(), code="QT-KH", agency_id=office.commune, procedure=timeless
    )
    early = {"due_at": "2026-08-18T08:00:01+07:00"}
    pause = {"reason": "supplement", "since": "2026-08-19T08:00:00+07:00", "until": None}
    paused = {"status": "paused", "pauses": [pause], "changed_at": "2026-08-19T09:00:00+07:00"}
    line = about_the_commune("HS-1", document_code="QT-XA", **paused)
    timeless_line = about_the_commune("HS-2", document_code="QT-KH")
    first, second = office.sync(line | early, timeless_line | early)["verdicts"]
    assert (first["code"], first["field"]) == ("due_before_counted", "dueAt")
    assert (second["code"], second["field"]) == ("due_not_counted", "dueAt")
    assert office.published("dossier_overdue") == []
    assert office.sync(line | {"due_at": "2026-12-31T09:00:00+07:00"}, timeless_line)["created"] == 2


def test_a_link_that_the_other_agency_gives_opens_what_was_refused_until_it_ends(office, own_procedure):
    link = office.link(office.commune, office.department)
    report = office.sync(about_the_commune("HS-1", due_at="2026-08-19T08:00:00+07:00"))
    assert report["created"] == 1
    [late] = office.published("dossier_overdue")
    assert late["agency_id"] == str(office.commune)
    assert late["brought_by_agency_id"] == str(office.department)
    leader = office.officer(office.commune, "unit_leader")
    end = {"request_id": uuid4(), "link_id": link["id"], "reason": "Sai quy trình"}
    end |= {"expected_version": link["version"]}
    assert office.refused("end_agency_link", end | {"valid_to": "2026-08-19"}, leader)[1] == "validTo"
    today = end | {"request_id": uuid4(), "valid_to": "2026-08-20"}
    ended = office.ok("end_agency_link", today, leader)
    assert ended["valid_to"] == "2026-08-20"
    [no] = office.sync(about_the_commune("HS-2"))["verdicts"]
    assert no["code"] == "agency_not_linked"
    # What was brought while the link held is still published.
    finished = {"status": "finished", "finished_at": "2026-08-20T08:00:00+07:00"}
    more = about_the_commune("HS-1", changed_at="2026-08-20T08:00:00+07:00", **finished)
    assert office.sync(more)["updated"] == 1


def test_a_link_is_the_competent_agencys_to_give_and_to_end(office):
    given = {"agency_id": office.commune, "receiving_agency_id": office.department, "basis": "QĐ 01"}
    asked = {"request_id": uuid4(), **given, "valid_from": "2026-08-20"}
    foreign = office.officer(office.department, "unit_leader")
    assert office.refused("link_agencies", asked, foreign)[0] == "not_permitted"
    clerk = office.officer(office.commune, "case_officer", "receptionist", "iso_secretary")
    assert office.refused("link_agencies", asked, clerk)[0] == "not_permitted"
    leader = office.officer(office.commune, "unit_leader")
    itself = asked | {"request_id": uuid4(), "receiving_agency_id": office.commune}
    assert office.refused("link_agencies", itself, leader)[0] == "link_to_itself"
    stranger = asked | {"request_id": uuid4(), "receiving_agency_id": uuid4()}
    assert office.refused("link_agencies", stranger, leader) == ("agency_unknown", "receivingAgencyId")
    link = office.ok("link_agencies", asked, leader)
    end = {"request_id": uuid4(), "link_id": link["id"], "expected_version": 1, "valid_to": "2026-08-20"}
    elsewhere = office.officer(office.department, "unit_leader")
    assert office.refused("end_agency_link", end | {"reason": "Không rõ"}, elsewhere)[0] == "link_not_found"
    for who in (leader, elsewhere):
        agency = office.commune if who is leader else office.department
        listed = office.ok("list_agency_links", {"agency_id": agency}, who)
        assert [each["id"] for each in listed] == [link["id"]]
    assert office.ok("list_agency_links", {"agency_id": office.commune}, elsewhere) == []
    with office.database.sessions() as session:
        left = session.execute(select(trail.c.action).where(trail.c.subject_id == link["id"])).scalars().all()
    assert left == ["cases:link_agencies"]


def test_a_dossier_names_who_brought_it(office):
    person = uuid4()
    clerk = office.officer(person=person)
    registered = office.ok("register_dossier", office.application(), clerk)
    assert registered["brought_by_id"] == str(person)
    report = office.sync(a_record("HS-9", received_at=LATELY), token=office.officer(person=person))
    [synced] = office.ok("dossiers_by_ids", {"ids": [report["verdicts"][0]["dossier_id"]]})
    assert (synced["brought_by_id"], synced["brought_by_client_id"]) == (str(person), None)


def test_a_registration_is_dated_back_no_further_than_the_rule(office):
    old = {"code": "QT-CU", "procedure": a_procedure(tthc_code="1.000001")}
    office.issue(1, date(2020, 1, 1), document_id=uuid4(), **old)
    asked = office.application(tthc_code="1.000001", received_at="2025-08-18T08:00:00+07:00")
    assert office.refused("register_dossier", asked) == ("received_too_long_ago", "receivedAt")
    assert office.received(tthc_code="1.000001", received_at="2025-08-20T08:00:00+07:00")
