"""Dossiers that another system keeps: taken line by line, each with its verdict, in any order, once."""

import json
from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.cases.dossiers.tables import dossiers
from services.cases.statistics import queries as figures
from tests.integration.cases.conftest import TTHC
from tests.integration.plans import watched

NOW = "2026-08-20T09:00+07:00"


def a_record(number="HS-1", **changes):
    record = {
        "number": number,
        "tthc_code": TTHC,
        "changed_at": "2026-08-01T09:00:00+07:00",
        "received_at": "2026-03-02T08:00:00+07:00",
        "status": "processing",
    }
    return record | changes


@pytest.fixture
def office(office, business_clock):
    business_clock(NOW)
    return office


def test_a_dossier_from_the_past_keeps_its_dates_and_is_found_overdue_once_as_history(office):
    record = a_record(applicant_name="Lã Thị Mẫu")
    report = office.sync(record)
    assert (report["created"], report["refused"]) == (1, 0)
    [late] = office.published("dossier_overdue")
    assert late["is_synced_history"] is True
    assert late["due_at"] == "2026-03-16T01:00:00Z"
    [view] = office.ok("dossiers_by_ids", {"ids": [report["verdicts"][0]["dossier_id"]]})
    assert (view["is_synced"], view["received_at"]) == (True, "2026-03-02T01:00:00Z")
    office.sweep()
    assert office.sync(record)["unchanged"] == 1
    assert len(office.published("dossier_overdue")) == 1
    assert office.cannot("hand_over", view, step=1) == "dossier_kept_elsewhere"


def test_the_source_s_own_due_time_goes_before_ours_and_pauses_are_taken_over(office):
    given = a_record("HS-1", due_at="2026-12-31T17:00:00+07:00")
    pause = {
        "reason": "supplement",
        "since": "2026-03-03T08:00:00+07:00",
        "until": "2026-03-05T08:00:00+07:00",
    }
    finished = {"status": "finished", "finished_at": "2026-03-17T09:00:00+07:00"}
    report = office.sync(given, a_record("HS-2", pauses=[pause], **finished))
    ids = [each["dossier_id"] for each in report["verdicts"]]
    views = {each["number"]: each for each in office.ok("dossiers_by_ids", {"ids": ids})}
    assert views["HS-1"]["due_at"] == "2026-12-31T10:00:00Z"
    # Two days of pause move the 16th to the 18th, so the 17th is early
    assert (views["HS-2"]["due_at"], views["HS-2"]["outcome"]) == ("2026-03-18T01:00:00Z", "early")
    assert office.published("dossier_overdue") == []
    explained = office.ok("deadline_explanation", {"dossier_id": views["HS-1"]["id"]})
    assert explained["is_given_by_source"] is True
    assert explained["segments"][-1]["end"] == "2026-12-31T10:00:00Z"


def test_whatever_order_the_records_come_in_the_last_word_stands(office):
    states = [
        a_record(changed_at="2026-03-02T09:00:00+07:00"),
        a_record(
            changed_at="2026-03-04T09:00:00+07:00",
            status="paused",
            pauses=[{"reason": "supplement", "since": "2026-03-03T08:00:00+07:00"}],
        ),
        a_record(
            changed_at="2026-03-20T09:00:00+07:00",
            status="finished",
            finished_at="2026-03-19T09:00:00+07:00",
        ),
    ]
    shuffle = Random(20260820).shuffle
    seen = set()
    for place in range(6):
        mine = [each | {"number": f"HS-{place}"} for each in states]
        shuffle(mine)
        for each in mine:
            office.sync(each)
        office.sync(*mine)
        with office.database.sessions() as session:
            names = ("status", "ended_at", "due_at", "is_overdue", "received_at")
            wanted = select(*(dossiers.c[name] for name in names)).where(dossiers.c.number == f"HS-{place}")
            seen.add(session.execute(wanted).one())
    [(status, *_)] = seen
    assert status == "finished"
    with office.database.sessions() as session:
        assert figures.kept(session) == +figures.rebuilt(session)


def test_bad_lines_say_why_and_harm_no_good_one(office):
    bad = {
        "{không phải JSON": ("not_json", None),
        json.dumps([1, 2]): ("wrong_type", None),
        json.dumps({"number": "X"}): ("field_missing", "changedAt"),
        json.dumps(a_record("A", received_at="2026-03-02T08:00:00")): ("wrong_type", "receivedAt"),
        json.dumps(a_record("B", received_at="2027-01-01T08:00:00Z")): ("moment_in_the_future", "receivedAt"),
        json.dumps(a_record("C", received_at="2024-01-02T08:00:00Z")): (
            "procedure_not_in_force_then",
            "receivedAt",
        ),
        json.dumps(a_record("D", tthc_code="9.999999")): ("tthc_unknown", "tthcCode"),
        json.dumps(a_record("E", status="done")): ("not_in_list", "status"),
        json.dumps(a_record("F", status="finished")): ("end_does_not_fit_status", "finishedAt"),
        json.dumps(a_record("G", document_code="QTTP-20")): ("procedure_not_named", "tthcCode"),
        json.dumps(a_record("H", due_at="2020-01-01T08:00:00Z")): ("due_does_not_fit", "dueAt"),
        json.dumps(a_record("I", status="paused")): ("pauses_do_not_fit", "pauses"),
        json.dumps(a_record("J", competent_agency_code="H99")): ("agency_unknown", "competentAgencyCode"),
        json.dumps(a_record("\x00")): ("forbidden_character", "number"),
    }
    lines = []
    for place, line in enumerate(bad):
        lines += [line, a_record(f"good-{place}")]
    report = office.sync(*lines, "", "   ")
    assert (report["created"], report["refused"]) == (len(bad), len(bad))
    refused = {each["line"]: each for each in report["verdicts"] if each["verdict"] == "refused"}
    for place, expected in enumerate(bad.values()):
        verdict = refused[2 * place + 1]
        assert (verdict["code"], verdict["field"]) == expected
        assert verdict["vi"]
        assert verdict["remedy_en"]
    assert office.count(dossiers) == len(bad)


SPOKEN = {
    "number": "HS-1",
    "tthcCode": TTHC,
    "changedAt": "2026-08-01T09:00:00+07:00",
    "receivedAt": "2026-03-02T08:00:00+07:00",
    "status": "PAUSED",
    "dueAt": "2026-12-31T17:00:00+07:00",
    "pauses": [{"reason": "supplement", "since": "2026-03-03T08:00:00+07:00"}],
}


def test_a_line_is_written_as_the_schema_spells_it_and_the_older_spelling_means_the_same(office):
    older = a_record(
        "HS-2",
        status="paused",
        due_at=SPOKEN["dueAt"],
        pauses=[{"reason": "supplement", "since": "2026-03-03T08:00:00+07:00", "until": None}],
    )
    report = office.sync(SPOKEN, older)
    assert (report["created"], report["refused"]) == (2, 0)
    ids = [each["dossier_id"] for each in report["verdicts"]]
    names = ("status", "due_at", "received_at", "pauses")
    one, other = ({name: each[name] for name in names} for each in office.ok("dossiers_by_ids", {"ids": ids}))
    assert one == other
    assert (one["status"], one["due_at"]) == ("paused", "2026-12-31T10:00:00Z")


def test_a_field_that_nobody_knows_is_refused_by_its_name_and_not_dropped(office):
    lost = {**SPOKEN, "duedate": "2026-12-31T17:00:00+07:00"}
    inner = {**SPOKEN, "number": "HS-2", "pauses": [{"reason": "supplement", "from": "2026-03-03T08:00:00Z"}]}
    twice = {**SPOKEN, "number": "HS-3", "due_at": "2026-11-30T17:00:00+07:00"}
    verdicts = office.sync(lost, inner, twice)["verdicts"]
    refused = [(each["code"], each["field"], each["number"]) for each in verdicts]
    assert refused == [
        ("line_field_unknown", "duedate", "HS-1"),
        ("line_field_unknown", "pauses.0.from", "HS-2"),
        ("line_field_twice", "due_at", "HS-3"),
    ]
    assert "dueAt" in verdicts[0]["vi"]


def test_a_refused_line_keeps_the_number_that_it_names(office):
    report = office.sync(a_record("HS-7", status="done"), {"number": 7}, "[]")
    assert [each["number"] for each in report["verdicts"]] == ["HS-7", None, None]


@pytest.mark.parametrize(
    "unset", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59Z", "9999-12-31T00:00:00-12:00"]
)
@pytest.mark.parametrize("field", ["received_at", "changed_at", "due_at", "finished_at"])
def test_an_unset_date_of_another_system_costs_its_own_line_alone(office, unset, field):
    finished = {"status": "finished", "finished_at": "2026-03-10T09:00:00+07:00"}
    report = office.sync(a_record("A", **finished | {field: unset}), a_record("B"))
    refused, taken = report["verdicts"]
    camel = field.split("_")[0] + "At"
    assert (refused["code"], refused["field"], refused["number"]) == ("date_out_of_bounds", camel, "A")
    assert taken["verdict"] == "created"


def test_an_unset_date_in_a_pause_is_named_with_its_place(office):
    pause = {"reason": "supplement", "since": "0001-01-01T00:00:00+07:00"}
    [verdict] = office.sync(a_record("A", status="paused", pauses=[pause]))["verdicts"]
    assert (verdict["code"], verdict["field"]) == ("date_out_of_bounds", "pauses.0.since")


def test_a_byte_order_mark_and_the_line_ends_of_windows_spoil_nothing(office):
    text = "\ufeff" + "\r\n".join(json.dumps(a_record(f"HS-{n}")) for n in range(3)) + "\r\n"
    assert office.sync(text)["created"] == 3


def test_a_sync_needs_the_role_and_keeps_within_its_limits(office):
    asked = {"request_id": uuid4(), "agency_id": office.department, "lines": json.dumps(a_record())}
    assert office.refused("upsert_dossiers", asked, office.officer(office.commune))[0] == "not_permitted"
    reader = office.officer(office.department, "reader")
    assert office.refused("upsert_dossiers", asked, reader)[0] == "not_permitted"
    many = asked | {"request_id": uuid4(), "lines": "1\n" * 1001}
    assert office.refused("upsert_dossiers", many) == ("too_many_lines", "lines")
    large = asked | {"request_id": uuid4(), "lines": "x" * 1_000_001}
    assert office.refused("upsert_dossiers", large) == ("too_long", "lines")


def test_a_number_registered_here_is_not_taken_over(office):
    office.received(number="HS-1")
    [verdict] = office.sync(a_record("HS-1"))["verdicts"]
    assert verdict["code"] == "dossier_kept_here"


OF_A_CALL = ("dossiers", "procedures", "agency_", "calendars", "positions")
"""What a call reads. Relay and others ask of the same database meanwhile, the longer the more often."""


def test_a_full_call_asks_no_more_of_the_database_than_a_short_one(office):
    def questions_for(lines: int, name: str) -> int:
        records = [a_record(f"{name}-{n}", received_at="2026-08-18T08:00:00+07:00") for n in range(lines)]
        with watched(office.database) as asked:
            assert office.sync(*records)["created"] == lines
        return sum(any(table in statement for table in OF_A_CALL) for statement, _ in asked)

    few, full = questions_for(10, "HS-A"), questions_for(1000, "HS-B")
    print(f"10 lines: {few} questions; 1,000 lines: {full}")
    # A hundred times the lines: one question more for each would be hundreds.
    assert full < 2 * few
