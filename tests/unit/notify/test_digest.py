"""The daily digest without servers: on which day one is due, what its data covers, how it reads."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from unicodedata import is_normalized

import pytest

from contracts.messages import Text
from services.notify import rules
from services.notify.digests.calendars import is_worked
from services.notify.digests.domain import Content, DigestRule, Line, body, due, rule_on, subject
from services.notify.notices.domain import VIETNAM, BadRule, Channel

RULES = rules.digests()
KINDS = [rule.kind for rule in rules.audiences()]


def day_due(moment):
    """The day whose digest is due at this moment of Vietnam's time, as data and calendar stand."""
    found = due(datetime.fromisoformat(f"{moment}+07:00").astimezone(UTC), RULES, is_worked)
    return found.day.isoformat() if found else None


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-08-10T07:29:59", None),
        ("2026-08-10T07:30:00", "2026-08-10"),
        ("2026-08-10T23:59:59", "2026-08-10"),
        ("2026-08-11T00:00:00", None),
        # Saturday the 15th is a weekend, the 22nd makes up for 31 August.
        ("2026-08-15T10:00:00", None),
        ("2026-08-22T10:00:00", "2026-08-22"),
        ("2026-08-22T07:00:00", None),
        ("2026-08-23T10:00:00", None),
        ("2026-08-31T10:00:00", None),
        ("2026-09-02T10:00:00", None),
        ("2026-09-03T07:30:00", "2026-09-03"),
        # New Year: 2 January is swapped for Saturday the 10th.
        ("2026-01-02T10:00:00", None),
        ("2026-01-10T07:30:00", "2026-01-10"),
        # Tết Bính Ngọ: the first day of the year is 17 February.
        ("2026-02-13T07:30:00", "2026-02-13"),
        ("2026-02-16T10:00:00", None),
        ("2026-02-17T10:00:00", None),
        ("2026-02-20T10:00:00", None),
        ("2026-02-23T07:30:00", "2026-02-23"),
    ],
)
def test_a_digest_is_due_from_its_hour_on_days_that_are_worked(moment, day):
    assert day_due(moment) == day


def test_a_year_has_as_many_digests_as_working_days():
    begin = date(2026, 1, 1)
    days = [begin + timedelta(days=n) for n in range(365)]
    found = [day for day in days if day_due(f"{day}T12:00:00")]
    # 261 weekdays, 14 of them off (24 November is one since this year), and two make-up days.
    assert len(found) == 249
    assert {day.weekday() for day in found} == {0, 1, 2, 3, 4, 5}
    assert [day for day in found if day.weekday() == 5] == [date(2026, 1, 10), date(2026, 8, 22)]


def test_after_a_jump_over_several_days_one_digest_is_due():
    late = due(datetime(2026, 8, 20, 9, tzinfo=UTC), RULES, is_worked)
    assert late.day == date(2026, 8, 20)
    assert late.moment == datetime(2026, 8, 20, 7, 30, tzinfo=VIETNAM)


def a_rule(**changes):
    given = {
        "hour": time(7, 30),
        "lines": 2,
        "kinds": ("dossier_overdue", "revision_issued"),
        "valid_from": date(2025, 7, 1),
        "basis": "test",
    }
    return DigestRule(**given | changes)


def test_the_rule_of_the_day_counts_and_before_the_first_there_is_none():
    later = a_rule(hour=time(8), valid_from=date(2026, 9, 1))
    both = (a_rule(), later)
    assert rule_on(both, date(2026, 8, 31)) == a_rule()
    assert rule_on(both, date(2026, 9, 1)) == later
    assert rule_on(both, date(2025, 6, 30)) is None
    assert rule_on((a_rule(valid_to=date(2026, 9, 1)),), date(2026, 9, 1)) is None
    at = datetime(2026, 9, 3, 7, 45, tzinfo=VIETNAM)
    assert due(at, both, is_worked) is None
    assert due(datetime(2025, 6, 30, 9, tzinfo=VIETNAM), both, is_worked) is None


def test_a_rule_that_cannot_be_worded_is_refused_at_the_start():
    for fault in ({"lines": 0}, {"kinds": ("lunch",)}, {"kinds": ("dossier_overdue",) * 2}):
        with pytest.raises(BadRule):
            a_rule(**fault)


def test_the_digest_covers_every_kind_of_notice():
    [rule] = RULES
    assert set(rule.kinds) == set(KINDS)


def test_what_demands_something_is_mailed_at_once_and_what_informs_only_waits_for_the_digest():
    gathered = {rule.kind for rule in rules.audiences() if Channel.EMAIL not in rule.channels}
    informing = {"dossier_nearing", "dossier_finished", "finding_recorded", "audit_reported"}
    assert gathered == informing | {"review_concluded"}


def a_line(kind, number, posted_at=datetime(2026, 8, 21, 9, 5, tzinfo=UTC)):
    return Line(kind=kind, subject=Text(vi=f"Hồ sơ {number}", en=f"Dossier {number}"), posted_at=posted_at)


def a_content(**changes):
    given = {
        "who": "Đinh Thị Mẫu",
        "day": date(2026, 8, 24),
        "notices": 5,
        "unread_before": 0,
        "counts": {"revision_issued": 1, "dossier_overdue": 4},
        "lines": [
            a_line("revision_issued", 9),
            *(a_line("dossier_overdue", number) for number in (4, 3, 2)),
        ],
    }
    return Content(**given | changes)


def test_the_most_urgent_kind_comes_first_with_its_newest_lines_and_how_many_more():
    said = body(a_content(), a_rule())
    assert said.vi.splitlines()[4:11] == [
        "Hồ sơ quá hạn (4)",
        "  • Hồ sơ 4 — báo lúc 16:05 21/08",
        "  • Hồ sơ 3 — báo lúc 16:05 21/08",
        "  … và 2 việc khác",
        "",
        "Tài liệu mới ban hành (1)",
        "  • Hồ sơ 9 — báo lúc 16:05 21/08",
    ]
    assert "Overdue dossiers (4)" in said.en
    assert "  … and 2 more" in said.en
    assert "Dossier 2" not in said.en
    assert is_normalized("NFC", said.vi)


def test_what_is_unread_from_before_is_said_only_where_there_is_some():
    assert "của những ngày trước" not in body(a_content(), a_rule()).vi
    said = body(a_content(unread_before=12), a_rule())
    assert "còn 12 thông báo của những ngày trước" in said.vi
    assert "Notices of earlier days still unread: 12." in said.en


def test_the_subject_names_the_day_and_the_number():
    assert subject(a_content()) == Text(
        vi="Bản tin ngày 24/08/2026: 5 thông báo mới", en="Digest of 24/08/2026: new notices: 5"
    )


def test_a_digest_of_thousands_stays_short():
    many = a_content(
        counts={"dossier_overdue": 9_000}, lines=[a_line("dossier_overdue", n) for n in range(50)]
    )
    said = body(many, a_rule())
    assert said.vi.count("•") == 2
    assert "và 8998 việc khác" in said.vi


def test_a_line_break_or_a_brace_in_a_title_stays_within_its_line():
    odd = replace(a_line("dossier_overdue", 1), subject=Text(vi="Một\nHai {who}", en="One\nTwo {who}"))
    said = body(a_content(lines=[odd], counts={"dossier_overdue": 1}), a_rule())
    assert "  • Một Hai {who} — báo lúc 16:05 21/08" in said.vi.splitlines()
