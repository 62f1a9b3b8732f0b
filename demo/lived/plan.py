"""The dossiers of an agency over the year before a day: pure, the same at every call and on every machine.

Every agency draws from its own seed; every moment is laid out in working time, relative to that day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from contracts.cases.dossiers import DossierStatus
from demo.lived import catalogue
from demo.lived.catalogue import Template
from demo.province import province, staff
from demo.province.province import Agency
from worktime import vietnam
from worktime.arithmetic import add, next_working
from worktime.calendar import Calendar
from worktime.deadline import Rules, counts_from

YEAR, LONGEST_AGO = timedelta(days=365), timedelta(days=545)
HOUR = timedelta(hours=1)
RULES = Rules(effective_from=date(2025, 7, 1), basis="", cut_off=time(15))
SIZES = {"xã": (50, 130), "phường": (90, 200), "province": (50, 70)}
OTHERS = (70, 180)
WEEKDAYS = (1.4, 1.1, 1.0, 1.0, 0.9, 1.0, 1.0)
MONTHS = (0.8, 0.7, 1.1, 1.0, 1.1, 1.1, 1.0, 1.0, 1.1, 1.2, 1.1, 0.9)
STOPPED = 0.02
LEFT_LYING, LATELY = 0.5, timedelta(days=45)
"""How many of the late ones received lately are still open."""
ELSEWHERE = 0.3
"""How many of a procedure's dossiers another agency decides, where its data name one."""


class Pause(NamedTuple):
    """A time that does not count; without `until` it lasts."""

    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """One dossier as another system would report it; `due_at` is what this platform must come to itself."""

    number: str
    code: str
    received_at: datetime
    status: DossierStatus
    applicant: str
    due_at: datetime | None
    finished_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    competent: str | None = None

    @property
    def is_late(self) -> bool:
        """Finished after it was due."""
        return self.status is DossierStatus.FINISHED and self._passed(self.finished_at)

    def is_overdue(self, now: datetime) -> bool:
        """Late, or open and past its due time: what opens a nonconformity."""
        return self.is_late or (self.status is DossierStatus.PROCESSING and self._passed(now))

    def _passed(self, moment: datetime | None) -> bool:
        return self.due_at is not None and moment is not None and self.due_at < moment


@dataclass(frozen=True, kw_only=True)
class AgencyPlan:
    """What an agency is given: its procedures, since when they are in force, and its dossiers."""

    agency: Agency
    in_force_since: date
    lateness: float
    procedures: tuple[Template, ...]
    dossiers: tuple[Dossier, ...] = field(repr=False)


def agencies() -> list[Agency]:
    """Everybody who gets a year of work: those a visitor may sign in to first."""
    return [province.province(), *province.agencies()]


def edge(began: date) -> datetime:
    """The moment up to which everything is laid out: the beginning of the day the load began."""
    return datetime.combine(began, time(), calendar(began.year).zone)


@cache
def calendar(year: int) -> Calendar:
    """The working calendar around a year."""
    return vietnam.calendar(range(year - 3, year + 3))


def of(agency: Agency, began: date) -> AgencyPlan:
    """The plan of one agency."""
    draw = Random(f"eISO một năm {agency.code}")
    procedures = tuple(catalogue.chosen(agency, draw))
    lateness = _lateness(draw)
    since = max(agency.valid_from, began - LONGEST_AGO)
    wanted = draw.randint(*SIZES.get(agency.unit or agency.kind, OTHERS))
    days = _days(draw, began, since, wanted)
    made = _Making(agency, draw, began, lateness)
    dossiers = tuple(made.one(day, _one_of(draw, procedures)) for day in days)
    return AgencyPlan(
        agency=agency,
        in_force_since=since,
        lateness=lateness,
        procedures=procedures,
        dossiers=_numbered(agency, dossiers),
    )


def _lateness(draw: Random) -> float:
    """A few never late, a few often, most sometimes."""
    kind = draw.random()
    if kind < 0.1:
        return 0.0
    return draw.uniform(0.2, 0.3) if kind > 0.94 else draw.uniform(0.03, 0.12)


def _days(draw: Random, began: date, since: date, wanted: int) -> list[date]:
    """Working days of the past year in order, more of them when more is brought."""
    first = max(since, began - YEAR)
    every = (first + timedelta(days=n) for n in range((began - first).days))
    worked = [day for day in every if calendar(began.year).hours_on(day)]
    weights = [WEEKDAYS[day.weekday()] * MONTHS[day.month - 1] for day in worked]
    return sorted(draw.choices(worked, weights, k=wanted))


def _one_of(draw: Random, procedures: Sequence[Template]) -> Template:
    return draw.choices(procedures, [each.weight for each in procedures])[0]


def _numbered(agency: Agency, dossiers: Iterable[Dossier]) -> tuple[Dossier, ...]:
    """Numbers of a day in the order of receipt."""
    found, serial, day = [], 0, None
    for each in sorted(dossiers, key=lambda each: each.received_at):
        serial = serial + 1 if each.received_at.date() == day else 1
        day = each.received_at.date()
        found.append(replace(each, number=f"{agency.code}-{day:%y%m%d}-{serial:04}"))
    return tuple(found)


class _Making:
    """Draws one dossier after another."""

    def __init__(self, agency: Agency, draw: Random, began: date, lateness: float) -> None:
        self.agency, self.draw, self.lateness = agency, draw, lateness
        self.calendar, self.edge = calendar(began.year), edge(began)

    def one(self, day: date, template: Template) -> Dossier:
        """A dossier received that day: how it went up to the edge of what is known."""
        received = self._moment(day)
        allowed = template.days * 8 * HOUR
        stops, is_late = self.draw.random() < STOPPED, self.draw.random() < self.lateness
        share = self.draw.uniform(1.1, 1.8) if is_late else self.draw.uniform(0.3, 0.95)
        begins = counts_from(self.calendar, RULES, received)
        pause, used, since = self._pause(template, allowed, begins)
        takes = max(allowed * share - used, allowed * 0.05)
        done = self._after(since, takes * 0.5 if stops else takes)
        plan = Dossier(
            number="",
            code=template.code,
            received_at=received,
            status=DossierStatus.PROCESSING,
            applicant=self._applicant(template),
            due_at=self._after(since, allowed - used),
            pauses=(pause,) if pause else (),
            competent=self._competent(template),
        )
        lies = is_late and received > self.edge - LATELY and self.draw.random() < LEFT_LYING
        return self._up_to_now(plan, self.edge + HOUR if lies else done, stops=stops)

    def _up_to_now(self, plan: Dossier, done: datetime, *, stops: bool) -> Dossier:
        """What lies beyond the edge has not happened yet."""
        for pause in plan.pauses:
            if pause.until is not None and pause.until > self.edge:
                held = pause._replace(until=None)
                return replace(plan, pauses=(held,), due_at=None, status=DossierStatus.PAUSED)
        if done > self.edge:
            return plan
        ended = DossierStatus.STOPPED if stops else DossierStatus.FINISHED
        return replace(plan, status=ended, finished_at=done)

    def _pause(
        self, template: Template, allowed: timedelta, begins: datetime
    ) -> tuple[Pause | None, timedelta, datetime]:
        """The pause, what was used of the time before it, and since when the clock runs after it."""
        if template.pause is None or self.draw.random() >= template.pause[1]:
            return None, timedelta(), begins
        used = timedelta(seconds=int((allowed * self.draw.uniform(0.05, 0.25)).total_seconds()))
        since = self._after(begins, used)
        until = self._after(since, self.draw.uniform(2, 10) * 8 * HOUR)
        if since >= self.edge:
            return None, timedelta(), begins
        return Pause(template.pause[0], since, until), used, until

    def _after(self, start: datetime, amount: timedelta) -> datetime:
        whole = timedelta(seconds=int(amount.total_seconds()))
        return add(self.calendar, start, whole).astimezone(self.calendar.zone)

    def _moment(self, day: date) -> datetime:
        """Mornings more than afternoons; some after the hour at which counting waits for the next day."""
        opened = next_working(self.calendar, datetime.combine(day, time(), self.calendar.zone))
        worked = self.draw.choice((self.draw.uniform(0.05, 4), self.draw.uniform(0.05, 7.5)))
        return self._after(opened, timedelta(minutes=int(worked * 60)))

    def _applicant(self, template: Template) -> str:
        if template.applicant == "business":
            return str(self.draw.choice(catalogue.words()["businesses"]))
        if template.applicant == "agency":
            return self.draw.choice(_other_agencies())
        return staff.a_name(self.draw)

    def _competent(self, template: Template) -> str | None:
        return template.competent if template.competent and self.draw.random() < ELSEWHERE else None


@cache
def _other_agencies() -> tuple[str, ...]:
    return tuple(agency.short_name for agency in province.departments())
