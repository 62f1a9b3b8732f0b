"""The year of work laid out over the demonstration province: the same everywhere, on working days."""

import tomllib
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from unicodedata import is_normalized

import pytest

from contracts.audits.programmes import Grade
from contracts.cases.dossiers import DossierStatus
from contracts.documents.documents import DocumentKind
from demo.lived import catalogue, plan, quality
from demo.province import province
from services.audits import rules as audit_rules
from services.cases import rules as case_rules
from services.documents.procedures import domain as procedure
from worktime import vietnam
from worktime.arithmetic import add, between, is_worked
from worktime.deadline import counts_from

BEGAN = date(2026, 11, 22)
CALENDAR = vietnam.calendar(range(2024, 2029))
# Codes of the national list of administrative procedures that were checked, with what each names.
KNOWN_TTHC = {
    "2.000815": "chứng thực bản sao từ bản chính",
    "1.001193": "đăng ký khai sinh",
    "1.000894": "đăng ký kết hôn",
    "1.004873": "cấp giấy xác nhận tình trạng hôn nhân",
    "1.000656": "đăng ký khai tử",
    "2.000635": "cấp bản sao trích lục hộ tịch",
    "1.004859": "thay đổi, cải chính, bổ sung thông tin hộ tịch",
    "1.012657": "đăng ký thay đổi người đại diện của nhóm sinh hoạt tôn giáo tập trung của người nước ngoài",
}


@pytest.fixture(scope="module")
def plans():
    return [plan.of(agency, BEGAN) for agency in plan.agencies()]


@pytest.fixture(scope="module")
def dossiers(plans):
    return [dossier for planned in plans for dossier in planned.dossiers]


def test_the_plan_is_the_same_at_every_call_and_needs_no_other_agency(plans):
    for planned in (plans[0], plans[8], plans[-1]):
        assert plan.of(planned.agency, BEGAN) == planned


def test_every_agency_has_3_to_5_procedures_and_50_to_200_dossiers(plans):
    assert len(plans) == 146
    assert {len(planned.procedures) for planned in plans} == {3, 4, 5}
    assert all(50 <= len(planned.dossiers) <= 200 for planned in plans)
    assert all(Counter(d.number for d in planned.dossiers).most_common(1)[0][1] == 1 for planned in plans)


def test_lateness_differs_most_have_a_little_a_few_none_a_few_much(plans):
    shares = [sum(d.is_late for d in planned.dossiers) / len(planned.dossiers) for planned in plans]
    assert 5 <= sum(share == 0 for share in shares) <= 25
    assert 4 <= sum(share > 0.18 for share in shares) <= 20
    assert 0.04 < sum(shares) / len(shares) < 0.12


def test_all_of_it_lies_in_the_past_year_on_working_days_and_after_the_procedure_came_into_force(plans):
    edge = plan.edge(BEGAN)
    for planned in plans:
        assert max(date(2025, 7, 1), BEGAN - timedelta(days=545)) == planned.in_force_since
        for each in planned.dossiers:
            assert edge - timedelta(days=366) < each.received_at < edge
            assert planned.in_force_since <= each.received_at.date()
            moments = [each.received_at, each.finished_at, *(p.since for p in each.pauses)]
            assert all(is_worked(CALENDAR, moment) for moment in moments if moment)
            ends = [each.finished_at, *(p.until for p in each.pauses)]
            assert all(each.received_at <= moment <= edge for moment in ends if moment)


def test_the_due_time_is_what_is_left_of_the_legal_time_after_every_pause(plans):
    days = {template.code: template.days for template in catalogue.templates()}
    for each in (d for planned in plans[:40] for d in planned.dossiers):
        reached, left = (
            counts_from(CALENDAR, plan.RULES, each.received_at),
            timedelta(hours=8 * days[each.code]),
        )
        for pause in each.pauses:
            left -= between(CALENDAR, reached, pause.since)
            reached = pause.until
        assert each.due_at == (add(CALENDAR, reached, left) if reached else None)


def test_some_are_open_some_overdue_some_paused_some_stopped(dossiers):
    counted = Counter(each.status for each in dossiers)
    assert counted[DossierStatus.FINISHED] > 0.9 * len(dossiers)
    assert counted[DossierStatus.STOPPED] > 100
    assert counted[DossierStatus.PAUSED] > 10
    overdue = [d for d in dossiers if d.status is DossierStatus.PROCESSING and d.is_overdue(plan.edge(BEGAN))]
    assert 20 < len(overdue) < 150
    assert 0.07 < sum(bool(each.pauses) for each in dossiers) / len(dossiers) < 0.14
    reasons = {pause.reason for each in dossiers for pause in each.pauses}
    assert reasons <= set(case_rules.pause_reasons(BEGAN))


def test_no_national_code_is_invented():
    used = {each.tthc: each.title for each in catalogue.templates() if each.tthc}
    assert {code: title.lower().removeprefix("quy trình ") for code, title in used.items()} == KNOWN_TTHC


def test_every_procedure_holds_together_as_the_documents_service_asks():
    somewhere = {
        kind: next(a for a in plan.agencies() if a.kind == kind) for kind in ("commune", "department")
    }
    for template in catalogue.templates():
        for agency in somewhere.values():
            made = catalogue.procedure(template, agency)
            assert made.kind is DocumentKind.PROCEDURE
            procedure.check(made.procedure, 8)
            total = procedure.total(made.procedure.steps, 8)
            assert total.amount == 8 * template.days, template.code
            assert any(step.returns_to for step in made.procedure.steps) == ("trả lại bước" in str(made))


def test_who_else_decides_is_an_agency_and_no_code_is_met_at_both(plans):
    codes = {planned.agency.code: {t.code for t in planned.procedures} for planned in plans}
    for planned in plans:
        for template in planned.procedures:
            if template.competent:
                assert template.code not in codes[template.competent]


def test_every_text_is_composed_unicode_without_stray_spaces():
    folder = Path(catalogue.__file__).parent
    files = list(folder.rglob("*.toml"))
    assert {file.stem for file in files} == {*catalogue.PROCEDURES, "shapes", "words"}
    assert all(is_normalized("NFC", file.read_text("utf-8")) for file in files)
    for words in _texts(tomllib.loads((folder / "words.toml").read_text("utf-8"))):
        assert words == " ".join(words.split())


def _texts(value):
    if isinstance(value, str):
        return [value]
    return [text for each in (value.values() if isinstance(value, dict) else value) for text in _texts(each)]


def test_most_agencies_are_audited_some_soon_some_never_and_nobody_audits_themselves():
    audits = {a.code: quality.audit(a, ["QT-01", "QT-02"], BEGAN) for a in plan.agencies()}
    assert audits[quality.AUDITORS_OF] is None
    held = [audit for audit in audits.values() if audit and audit.reported_on]
    to_come = [audit for audit in audits.values() if audit and not audit.reported_on]
    assert len(held) > 100
    assert 5 <= len(to_come) <= 25
    assert sum(audit is None for audit in audits.values()) >= 5
    for audit in held:
        assert audit.planned_from <= audit.planned_to <= audit.reported_on < BEGAN
        assert len(audit.findings) <= 4
        assert {found.clause for found in audit.findings} <= set(audit.clauses)
    assert all(BEGAN < audit.planned_from < BEGAN + timedelta(days=40) for audit in to_come)
    [framework] = [f for code, f in audit_rules.frameworks().items() if code.startswith("tcvn-iso-9001")]
    known = {clause.number for clause in framework.clauses}
    assert {clause for audit in (*held, *to_come) for clause in audit.clauses} <= known
    assert {found.grade for audit in held for found in audit.findings} == set(Grade)


@pytest.mark.parametrize("began", [BEGAN, date(2026, 7, 1), date(2027, 1, 2), date(2026, 8, 10)])
def test_a_review_is_held_after_its_period_and_before_today(began):
    inputs = {each["clause"] for each in audit_rules.review_inputs()}
    for agency in province.communes():
        review = quality.review(agency, began)
        if review is None:
            continue
        assert review.period_from < review.period_to < began
        assert review.period_to <= review.held_on <= began
        assert {clause for clause, _ in review.notes} <= inputs
        assert all(task.due_on > began for task in review.tasks)


def test_every_finding_can_be_put_right_in_words_that_fit_it():
    words, agency = catalogue.words(), province.communes()[0]
    noticed = {clause for clause, *_ in (*words["findings"], *words["raised_by_hand"])}
    for clause in noticed:
        made = quality.treatment(agency, clause, is_old=True, is_repeated=True, clause=clause)
        assert "quá hạn" not in made.correction + made.cause + made.action


def test_treatment_depends_on_what_it_is_about_and_not_on_when_it_was_heard():
    agency = province.communes()[0]
    one = quality.treatment(agency, "QT-HT-01 05/2026", is_old=True, is_repeated=False)
    assert one == quality.treatment(agency, "QT-HT-01 05/2026", is_old=True, is_repeated=False)


@pytest.mark.parametrize("began", [date(2026, 7, 2), date(2027, 3, 1)])
def test_the_year_moves_with_the_day_it_is_laid_out_from(began):
    planned = plan.of(province.communes()[3], began)
    assert planned.in_force_since >= date(2025, 7, 1)
    edge = datetime.combine(began, datetime.min.time(), CALENDAR.zone)
    assert max(d.received_at for d in planned.dossiers) < edge
    assert min(d.received_at for d in planned.dossiers).date() >= max(
        began - timedelta(days=365), date(2025, 7, 1)
    )
