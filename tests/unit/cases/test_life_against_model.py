"""The life of a dossier against a slow model that walks half hour by half hour and adds nothing up ahead.

EISO_PROOF=1 makes it 20,000 steps.
"""

import os
from copy import copy
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.cases.dossiers import DossierStatus as Status
from contracts.cases.dossiers import Scope
from contracts.cases.events import DossierOverdue
from kernel.base.errors import Conflict
from services.cases.deadlines import domain as explanation
from services.cases.statistics.domain import contribution
from tests.unit.cases.factories import CALENDAR, a_counting, a_dossier, by

TICK = timedelta(minutes=30)
FIRST, LAST = datetime(2025, 12, 20, tzinfo=UTC), datetime(2026, 9, 10, tzinfo=UTC)
LATE_IN_THE_DAY = st.integers(16, 20)
"""Half hours of the UTC day around the cut-off at 15:00 in Vietnam, where counting begins another day."""
COUNTING = a_counting()
HALF_HOURS = {0: 20 * 8, 1: 8, 2: 80, 4: 48, 5: 24}
"""The allowed half hours of each clock; 0 is the whole dossier."""
CLOCK_OF = {1: 1, 2: 2, 3: 2, 4: 4, 5: 5}

PROOF = bool(os.environ.get("EISO_PROOF"))
BOUNDS = (
    {"max_examples": 400, "stateful_step_count": 50}
    if PROOF
    else {"max_examples": 20, "stateful_step_count": 40}
)


def is_open(tick: datetime) -> bool:
    """Whether the office works during the half hour that begins then: read off the calendar."""
    there = tick.astimezone(CALENDAR.zone)
    second = there.hour * 3600 + there.minute * 60
    return any(span.start <= second < span.end for span in CALENDAR.hours_on(there.date()))


class Model:
    """What should be so, found the slow way."""

    def __init__(self, received_at: datetime) -> None:
        self.now, self.status, self.step, self.is_taken = received_at, Status.PROCESSING, 1, True
        self.counts_from = self._first(received_at)
        self.used = dict.fromkeys(HALF_HOURS, 0)
        self.used_up: dict[int, datetime] = {}
        self.published: set[int] = set()

    def _first(self, received_at: datetime) -> datetime:
        tick = received_at
        there = received_at.astimezone(CALENDAR.zone)
        if there.hour >= 15:
            tick = received_at + timedelta(hours=24 - there.hour, minutes=-there.minute)
        while not is_open(tick):
            tick += TICK
        return tick

    @property
    def clocks(self) -> tuple[int, int]:
        return 0, CLOCK_OF[self.step]

    def advance(self, ticks: int) -> None:
        for _ in range(ticks):
            if self.status is Status.PROCESSING and self.now >= self.counts_from and is_open(self.now):
                for clock in self.clocks:
                    self._take(clock)
            self.now += TICK

    def _take(self, clock: int) -> None:
        self.used[clock] += 1
        if self.used[clock] == HALF_HOURS[clock]:
            self.used_up[clock] = self.now + TICK

    def due(self, clock: int) -> datetime | None:
        """When the clock will be used up if nothing happens; None while it is held."""
        if clock in self.used_up:
            return self.used_up[clock]
        if self.status is Status.PAUSED:
            return None
        tick, left = max(self.now, self.counts_from), HALF_HOURS[clock] - self.used[clock]
        while left:
            left -= is_open(tick)
            tick += TICK
        return tick

    def look(self) -> None:
        if self.status is Status.PROCESSING:
            self.published |= {c for c in self.clocks if c in self.used_up and self.used_up[c] < self.now}


class Life(RuleBasedStateMachine):
    """Anything may be tried at any time; what must not be done says so and changes nothing."""

    @initialize(days=st.integers(0, (LAST - FIRST).days), ticks=st.integers(0, 47) | LATE_IN_THE_DAY)
    def receive(self, days: int, ticks: int) -> None:
        self.model = Model(FIRST + days * 48 * TICK + ticks * TICK)
        self.dossier = a_dossier(self.model.now, COUNTING)
        self.published: list[DossierOverdue] = []
        self._hear()

    def _hear(self) -> None:
        for event in self.dossier.drain():
            if isinstance(event, DossierOverdue):
                self.published.append(event)

    def _try(self, expected: str | None, act) -> bool:
        """Do it, or be refused for exactly that reason and leave everything as it was."""
        trial = copy(self.dossier)
        if expected is not None:
            with pytest.raises(Conflict) as refused:
                act(trial)
            assert refused.value.code == expected
            return False
        self.model.look()
        act(trial)
        self.dossier = trial
        self._hear()
        return True

    def _hand(self):
        return by(self.model.now)

    def _why_not_running(self) -> str | None:
        if self.model.status is Status.PAUSED:
            return "dossier_is_paused"
        return None if self.model.status is Status.PROCESSING else "dossier_has_ended"

    @rule(days=st.integers(0, 4), ticks=st.integers(0, 47))
    def time_passes(self, days: int, ticks: int) -> None:
        self.model.advance(days * 48 + ticks)

    @rule(ticks=st.integers(0, 3))
    def a_little_time_passes(self, ticks: int) -> None:
        self.model.advance(ticks)

    @rule()
    def the_sweep_looks(self) -> None:
        self.model.look()
        self.dossier.look(self.model.now)
        self._hear()

    @rule(seq=st.integers(1, 6))
    def hand_over(self, seq: int) -> None:
        if self._try(self._why_not_leave(seq), lambda d: d.hand_over(seq, COUNTING, self._hand())):
            self.model.step, self.model.is_taken = seq + 1, False

    def _why_not_leave(self, seq: int, last: str | None = "last_step_is_finished") -> str | None:
        if why := self._why_not_running():
            return why
        if seq != self.model.step:
            return "step_is_not_current"
        if not self.model.is_taken:
            return "hand_over_not_acknowledged"
        return last if seq == 5 else None

    @rule()
    def the_current_step_is_handed_over(self) -> None:
        self.hand_over(self.model.step)

    @rule(seq=st.integers(1, 6))
    def acknowledge(self, seq: int) -> None:
        why = self._why_not_running()
        if not why and seq != self.model.step:
            why = "step_is_not_current"
        if not why and self.model.is_taken:
            why = "nothing_to_acknowledge"
        if self._try(why, lambda d: d.acknowledge(seq, self._hand())):
            self.model.is_taken = True

    @rule()
    def the_current_step_is_taken_over(self) -> None:
        self.acknowledge(self.model.step)

    @rule()
    def send_back(self) -> None:
        seq = self.model.step
        why = self._why_not_leave(seq, last=None)
        if not why and seq != 4:
            why = "step_has_no_return"
        if self._try(why, lambda d: d.send_back(seq, COUNTING, self._hand())):
            self.model.step, self.model.is_taken = 2, False

    @rule()
    def pause(self) -> None:
        why = "already_paused" if self.model.status is Status.PAUSED else self._why_not_running()
        if self._try(why, lambda d: d.pause("supplement", None, COUNTING, self._hand())):
            self.model.status = Status.PAUSED

    @rule()
    def resume(self) -> None:
        why = None if self.model.status is Status.PAUSED else "not_paused"
        if self._try(why, lambda d: d.resume(None, COUNTING, self._hand())):
            self.model.status = Status.PROCESSING
            self.model.look()

    @precondition(lambda self: self.model.step == 5)
    @rule()
    def finish(self) -> None:
        why = self._why_not_running()
        if not why and not self.model.is_taken:
            why = "hand_over_not_acknowledged"
        if self._try(why, lambda d: d.finish(self._hand())):
            due = self.model.due(0)
            self.is_late = due is not None and due < self.model.now
            self.model.status = Status.FINISHED

    @precondition(lambda self: self.model.now.day == 1)
    @rule()
    def stop(self) -> None:
        is_open = self.model.status in (Status.PROCESSING, Status.PAUSED)
        if self._try(None if is_open else "dossier_has_ended", lambda d: d.stop(self._hand())):
            self.model.status = Status.STOPPED

    @invariant()
    def both_agree(self) -> None:
        assert self.dossier.status is self.model.status
        assert self.dossier.step_seq == self.model.step
        if self.dossier.is_open:
            assert self.dossier.due_at == self.model.due(0)
            step_clock = self.dossier._step_clock()
            assert step_clock is not None
            assert step_clock.due_at == self.model.due(CLOCK_OF[self.model.step])

    @invariant()
    def what_is_late_is_told_once(self) -> None:
        published = [0 if each.scope is Scope.DOSSIER else CLOCK_OF[each.step_seq] for each in self.published]
        assert sorted(published) == sorted(self.model.published)
        for event, clock in zip(self.published, published, strict=True):
            assert event.due_at == self.model.used_up[clock]
        assert self.dossier.is_overdue is (0 in self.model.published)

    @invariant()
    def the_sweep_would_come_for_what_is_still_to_tell(self) -> None:
        moment, clocks = self.dossier.next_moment, self.model.clocks
        if self.model.status is not Status.PROCESSING:
            assert moment is None
        elif to_come := [self.model.due(c) for c in clocks if c not in self.model.published]:
            assert moment is not None
            assert moment <= min(to_come)

    @invariant()
    def the_explanation_adds_up(self) -> None:
        d = self.dossier
        assert d.clock is not None
        pieces = explanation.pieces(d.clock, d.pauses, d.received_at, d.counts_from, COUNTING)
        counted = sum(piece.counted_seconds for piece in pieces)
        if d.clock.due_at is not None:
            assert counted == d.clock.seconds
            assert pieces[-1].end == d.clock.due_at
        else:
            assert counted == self.model.used[0] * 1800
        for before, after in pairwise(pieces):
            assert before.end == after.start

    @invariant()
    def it_is_counted_once_in_the_figures(self) -> None:
        counts = {measure: n for (_, measure), n in contribution(self.dossier).items() if n}
        assert counts.pop("received") == 1
        assert counts.pop("overdue_open", 0) == int(self.dossier.is_overdue and self.dossier.is_open)
        if self.model.status is Status.FINISHED:
            assert counts == {"finished": 1, "late" if self.is_late else "on_time": 1}
        else:
            assert counts == {"stopped" if self.model.status is Status.STOPPED else "open": 1}


TestLife = pytest.mark.proof(Life.TestCase)
TestLife.settings = settings(
    **BOUNDS, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
