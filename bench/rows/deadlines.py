"""Deadlines per second and how many come out right, beside two libraries of business hours.

The peers are given every day off that our calendar knows; what they have no place for is a weekend
day that is worked. `business-duration` knows one stretch of hours and only measures, so it is asked
for mornings and afternoons apart, and counted right when it measures what a person worked out.
"""

import time as timer
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import cycle
from typing import Any

from bench import peers
from bench.report import Measurement
from contracts.documents.procedures import Duration, DurationUnit
from tests.unit.worktime.test_vietnam import BY_HAND
from worktime import arithmetic, vietnam
from worktime.deadline import Rules, deadline

CALENDAR = vietnam.calendar(range(2024, 2028))
RULES = Rules(effective_from=date(2025, 7, 1), basis="NĐ 118/2025/NĐ-CP")
HOURS = {"ngày": 8, "giờ": 1}
MINUTE = timedelta(minutes=1)
SECONDS = 1.5
MORNING, AFTERNOON = (time(7, 30), time(11, 30)), (time(13, 30), time(17, 30))
Add = Callable[[datetime, timedelta], datetime]
Case = tuple[datetime, timedelta, datetime]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CALENDAR.zone)


def by_hand() -> list[Case]:
    """What persons worked out with a wall calendar, of the years 2024–2026."""
    return [
        (at(received), timedelta(hours=amount * HOURS[unit]), at(due))
        for received, amount, unit, due in BY_HAND
        if unit in HOURS
    ]


def every_day() -> list[Case]:
    """One working day from eight o'clock of each day of the three years, found by walking the minutes."""
    first, day_of_work = datetime(2024, 1, 1, 8, tzinfo=CALENDAR.zone), timedelta(hours=8)
    starts = [first + timedelta(days=n) for n in range(1096)]
    return [(start, day_of_work, walked(start, day_of_work)) for start in starts]


def walked(start: datetime, amount: timedelta) -> datetime:
    """Slow and obvious: minute by minute, counting those at which the office is open."""
    minute, left = start, amount // MINUTE
    day, spans = None, ()
    while left:
        if minute.date() != day:
            day, spans = minute.date(), CALENDAR.hours_on(minute.date())
        second = minute.hour * 3600 + minute.minute * 60
        left -= any(span.start <= second < span.end for span in spans)
        minute += MINUTE
    return minute


def ours(start: datetime, amount: timedelta) -> datetime:
    return arithmetic.add(CALENDAR, start, amount)


def explained(start: datetime, amount: timedelta) -> datetime:
    """What the product does: the deadline with every stretch of time on the way and its reason."""
    hours = Duration(amount=amount / timedelta(hours=1), unit=DurationUnit.WORKING_HOUR)
    return deadline(CALENDAR, RULES, start, hours).due_at


def days_off() -> list[date]:
    """Every day of the special ones on which nobody works: what a user would hand to the peers."""
    return [each.day for each in CALENDAR.special if not CALENDAR.hours_on(each.day)]


def businesstimedelta_add() -> Add:
    import businesstimedelta as peer
    import pytz

    zone = pytz.timezone("Asia/Ho_Chi_Minh")
    halves = [peer.WorkDayRule(*half, [0, 1, 2, 3, 4], tz=zone) for half in (MORNING, AFTERNOON)]
    rules = peer.Rules([*halves, peer.HolidayRule(days_off(), tz=zone)])
    return lambda start, amount: start + peer.BusinessTimeDelta(rules, timedelta=amount)


def business_duration_between() -> Callable[[datetime, datetime], timedelta]:
    from business_duration import businessDuration

    holidays = days_off()

    def between(start: datetime, end: datetime) -> timedelta:
        plain = start.replace(tzinfo=None), end.replace(tzinfo=None)
        halves = (
            businessDuration(*plain, *half, holidaylist=holidays, unit="sec") for half in (MORNING, AFTERNOON)
        )
        return timedelta(seconds=sum(halves))

    return between


def run(_stage: Any) -> Iterator[Measurement]:
    """Ours and theirs by the same cases; a peer that cannot be had leaves only our own slow walk."""
    cases = [by_hand(), every_day()]
    rate, score = speed(ours, cases[1]), right_of(ours, cases)
    slow = speed(walked, cases[1])
    yield figure("cộng giờ làm việc / adding", rate, score, "duyệt từng phút / a walk by minutes", slow)
    try:
        peers.ready()
    except peers.NoPeers as why:
        yield figure("cộng / adding", rate, score, "businesstimedelta", None, f"not installed: {why}")
        return
    peer = businesstimedelta_add()
    theirs = right_of(peer, cases)
    known = "no made-up Saturdays"
    yield figure(
        "cộng / adding", rate, f"{score} / {theirs}", "businesstimedelta", speed(peer, cases[1]), known
    )
    full = speed(explained, cases[1])
    both = f"{right_of(explained, cases)} / {theirs}"
    what = "cả giải thích / with its explanation"
    yield figure(what, full, both, "businesstimedelta (no explanation)", speed(peer, cases[1]))
    measure = business_duration_between()
    measured = f"{right_between(ours_between, cases)} / {right_between(measure, cases)}"
    rates = [speed_between(each, cases[1]) for each in (ours_between, measure)]
    yield figure("đo giữa hai lúc / measuring", rates[0], measured, "business-duration", rates[1], known)


def figure(
    what: str, rate: float, score: str, against: str, baseline: float | None, note: str = ""
) -> Measurement:
    return Measurement(
        row="deadlines",
        what=what,
        unit="/s",
        ours=rate,
        against=against,
        baseline=baseline,
        correct=f"đúng / right: {score}",
        note=note,
    )


def ours_between(start: datetime, end: datetime) -> timedelta:
    return arithmetic.between(CALENDAR, start, end)


def right_of(add: Add, cases: list[list[Case]]) -> str:
    """`by hand + every day`: how many of each come out right; one that fails is wrong."""
    return " + ".join(_share([_is(add, case) for case in some]) for some in cases)


def right_between(measure: Callable[[datetime, datetime], timedelta], cases: list[list[Case]]) -> str:
    return " + ".join(
        _share([measure(start, due) == amount for start, amount, due in some]) for some in cases
    )


def _share(right: list[bool]) -> str:
    return f"{sum(right)}/{len(right)}"


def _is(add: Add, case: Case) -> bool:
    start, amount, due = case
    return add(start, amount) == due


def speed(add: Add, cases: list[Case]) -> float:
    return _rate(lambda case: add(case[0], case[1]), cases)


def speed_between(measure: Callable[[datetime, datetime], timedelta], cases: list[Case]) -> float:
    return _rate(lambda case: measure(case[0], case[2]), cases)


def _rate(do: Callable[[Case], Any], cases: list[Case]) -> float:
    """How many a second, over at least a second and a half."""
    done, began = 0, timer.perf_counter()
    for case in cycle(cases):
        do(case)
        done += 1
        if done % 16 == 0 and timer.perf_counter() - began > SECONDS:
            break
    return done / (timer.perf_counter() - began)
