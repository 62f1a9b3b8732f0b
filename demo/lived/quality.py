"""The audits and management reviews of an agency, and how far its nonconformities have come: pure plans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from random import Random

from contracts.audits.programmes import Grade
from demo.lived import catalogue, plan
from demo.province.province import Agency

AUDITORS_OF = "H42.008"
"""Who audits the others, and therefore is audited by nobody here."""
DAY = timedelta(days=1)


class Stage(IntEnum):
    """How far a nonconformity has come."""

    OPEN = 0
    CORRECTED = 1
    CAUSE_KNOWN = 2
    PLANNED = 3
    DONE = 4
    VERIFIED = 5
    CLOSED = 6


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an auditor writes down; `about_procedure` where it is about one."""

    clause: str
    grade: Grade
    statement: str
    evidence: str
    procedure: str | None


@dataclass(frozen=True, kw_only=True)
class AuditPlan:
    """One audit; without `reported_on` it is still to come."""

    planned_from: date
    planned_to: date
    reported_on: date | None
    clauses: tuple[str, ...]
    procedures: tuple[str, ...]
    findings: tuple[Found, ...]
    conclusion: str


@dataclass(frozen=True, kw_only=True)
class TaskPlan:
    """A decision of a review."""

    decision: str
    due_on: date
    done_note: str | None


@dataclass(frozen=True, kw_only=True)
class ReviewPlan:
    """One management review; without `conclusion` it is still under way."""

    title: str
    period_from: date
    period_to: date
    held_on: date
    notes: tuple[tuple[str, str], ...]
    tasks: tuple[TaskPlan, ...]
    conclusion: str | None


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """What became of a nonconformity, in the words of those who did it."""

    stage: Stage
    correction: str
    cause: str
    action: str
    done_note: str
    effective_note: str
    due_in: timedelta


def audit(agency: Agency, procedures: Sequence[str], began: date) -> AuditPlan | None:
    """Most are audited once in the past year, some soon, some not at all."""
    draw = Random(f"eISO đánh giá {agency.code}")
    fate = draw.random()
    if agency.code == AUDITORS_OF or fate > 0.93:
        return None
    is_to_come = fate > 0.85
    ahead = draw.randint(5, 30) if is_to_come else -draw.randint(20, 330)
    first = _working(began + ahead * DAY, began)
    last = _working(first + DAY, began)
    looked_at = tuple(sorted(draw.sample(list(procedures), k=min(2, len(procedures)))))
    words = catalogue.words()
    asked = draw.sample(words["checklist_clauses"], k=draw.randint(3, 5))
    found = () if is_to_come else _findings(draw, looked_at)
    clauses = tuple(sorted({*asked, *(each.clause for each in found)}, key=_by_number))
    return AuditPlan(
        planned_from=first,
        planned_to=last,
        reported_on=None if is_to_come else _working(last + draw.randint(3, 9) * DAY, began),
        clauses=clauses,
        procedures=looked_at,
        findings=found,
        conclusion=draw.choice(words["conclusions"]),
    )


def _findings(draw: Random, procedures: Sequence[str]) -> tuple[Found, ...]:
    chosen = draw.sample(catalogue.words()["findings"], k=draw.choice((0, 1, 1, 2, 2, 3, 4)))
    made = []
    for clause, grade, statement, evidence in chosen:
        code = draw.choice(list(procedures))
        speaks_of_it = "{code}" in statement + evidence
        made.append(
            Found(
                clause=clause,
                grade=Grade(grade),
                statement=statement.format(code=code),
                evidence=evidence.format(code=code),
                procedure=code if speaks_of_it else None,
            )
        )
    return tuple(made)


def review(agency: Agency, began: date) -> ReviewPlan | None:
    """Most held one on the last whole half-year; some have not concluded it, a few held none."""
    draw = Random(f"eISO xem xét {agency.code}")
    fate = draw.random()
    if fate > 0.9:
        return None
    first, last, name = _half_year_before(began)
    words = catalogue.words()["review"]
    notes = sorted(draw.sample(words["notes"], k=draw.randint(3, 5)))
    return ReviewPlan(
        title=f"Xem xét của lãnh đạo {name}",
        period_from=first,
        period_to=last,
        held_on=min(_working(last + draw.randint(6, 60) * DAY, began), began - DAY),
        notes=tuple((clause, text) for clause, text in notes),
        tasks=_tasks(draw, words, began),
        conclusion=draw.choice(words["conclusions"]) if fate < 0.84 else None,
    )


def _tasks(draw: Random, words: dict[str, list[str]], began: date) -> tuple[TaskPlan, ...]:
    return tuple(
        TaskPlan(
            decision=decision,
            due_on=_working(began + draw.randint(30, 120) * DAY, began),
            done_note=draw.choice(words["done_notes"]) if draw.random() < 0.5 else None,
        )
        for decision in draw.sample(words["decisions"], k=draw.randint(1, 2))
    )


def treatment(
    agency: Agency, key: str, *, is_old: bool, is_repeated: bool, clause: str | None = None
) -> Treatment:
    """How far the nonconformity of that key has come: old ones mostly to the end, new ones hardly.

    `clause`: what it goes against, where it is about something else than lateness.
    """
    draw = Random(f"eISO KPH {agency.code} {key}")
    words = catalogue.words() if clause is None else _other_words(clause)
    return Treatment(
        stage=_stage(draw, is_old=is_old, is_repeated=is_repeated),
        correction=draw.choice(words["corrections"]),
        cause=draw.choice(words["causes"]),
        action=draw.choice(words["actions"]),
        done_note=draw.choice(words["done_notes"]),
        effective_note=draw.choice(words["effective_notes"]),
        due_in=draw.randint(20, 60) * DAY,
    )


def _other_words(clause: str) -> Mapping[str, Sequence[str]]:
    given = catalogue.words()["by_clause"][clause]
    own = {f"{name}s": [given[name]] for name in ("correction", "cause", "action")}
    return own | dict(catalogue.words()["generally"])


def _stage(draw: Random, *, is_old: bool, is_repeated: bool) -> Stage:
    fate = draw.random()
    if is_old and fate < 0.75:
        return Stage.CLOSED
    if not is_repeated:
        return Stage.CORRECTED if fate < 0.6 else Stage.OPEN
    return draw.choice([Stage.CORRECTED, Stage.CAUSE_KNOWN, Stage.PLANNED, Stage.DONE, Stage.VERIFIED])


def raised_by_hand(agency: Agency) -> tuple[str, str, str] | None:
    """Clause, severity and words of one that staff noticed themselves, in some agencies."""
    draw = Random(f"eISO tự phát hiện {agency.code}")
    if draw.random() > 0.35:
        return None
    clause, severity, words = draw.choice(catalogue.words()["raised_by_hand"])
    return clause, severity, words


def years(plans: Sequence[AuditPlan]) -> list[int]:
    """The years that need a programme."""
    return sorted({each.planned_from.year for each in plans})


def _half_year_before(day: date) -> tuple[date, date, str]:
    if day.month > 6:
        return date(day.year, 1, 1), date(day.year, 6, 30), f"6 tháng đầu năm {day.year}"
    return date(day.year - 1, 7, 1), date(day.year - 1, 12, 31), f"6 tháng cuối năm {day.year - 1}"


def _working(day: date, began: date) -> date:
    """That day, or the next on which work is done."""
    while not plan.calendar(began.year).hours_on(day):
        day += DAY
    return day


def _by_number(clause: str) -> list[int]:
    return [int(part) for part in clause.split(".")]
