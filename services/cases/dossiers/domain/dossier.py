"""The life of a dossier: received, handed from step to step, paused, finished; who holds it, until when."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from contracts.cases.dossiers import DossierKind, DossierStatus, StepStatus
from contracts.cases.events import DossierChanged, DossierReceived
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict
from org.acted import Acted
from services.cases.clocks.domain import Clock, Counting
from services.cases.dossiers.domain import published
from services.cases.dossiers.domain.step import Step

OPEN = (DossierStatus.PROCESSING, DossierStatus.PAUSED)


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A time that does not count, and why."""

    reason: str
    paused_at: datetime
    note: str | None = None
    resumed_at: datetime | None = None


@dataclass(eq=False, kw_only=True)
class Dossier(Aggregate):
    """A dossier under the revision that was in force when it was received.

    `clock` measures the whole, `step_clocks` the steps. What is overdue is published once, at the first look:
    the sweep, or the next command. `acted_version` is the version the last act led to: who saw that one may
    act, though the sweep has published a clock's end since.

    Where agencies ended (`following`), `agency_id` is who keeps it now, `received_agency_id` and
    `first_competent_agency_id` who received it and who answered for it then, if that was another. `continued`
    names who goes on for each agency that ended: the names under what is done stay.
    """

    SECRET: ClassVar[frozenset[str]] = frozenset({"applicant_name"})

    agency_id: UUID
    number: str
    kind: DossierKind
    competent_agency_id: UUID
    document_id: UUID
    revision_id: UUID
    revision_number: int
    document_code: str
    title: str
    received_at: datetime
    counts_from: datetime
    first_heard_at: datetime
    rules_on: date
    calendar_version: int
    tthc_code: str | None = None
    applicant_name: str | None = None
    supporting: list[UUID] = field(default_factory=list)
    coordinating: list[UUID] = field(default_factory=list)
    status: DossierStatus = DossierStatus.PROCESSING
    steps: tuple[Step, ...] = ()
    step_seq: int | None = None
    clock: Clock | None = None
    step_clocks: tuple[Clock, ...] = ()
    pauses: tuple[Pause, ...] = ()
    due_at: datetime | None = None
    is_overdue: bool = False
    ended_at: datetime | None = None
    is_synced: bool = False
    source_changed_at: datetime | None = None
    acted_version: int = 1
    received_agency_id: UUID | None = None
    first_competent_agency_id: UUID | None = None
    brought_by_id: UUID | None = None
    brought_by_position_id: UUID | None = None
    brought_by_client_id: UUID | None = None
    continued: dict[UUID, UUID] = field(default_factory=dict)

    # -- what it is ----------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def finished_at(self) -> datetime | None:
        """When the dossier ended, with or without a result."""
        return self.ended_at

    @property
    def on_time(self) -> bool | None:
        """Whether the result was there in time; None while there is none."""
        if self.status is not DossierStatus.FINISHED or self.ended_at is None:
            return None
        return self.due_at is None or self.ended_at <= self.due_at

    @property
    def current(self) -> Step | None:
        """The step it is at."""
        return self._step(self.step_seq) if self.step_seq is not None else None

    @property
    def holder_agency_id(self) -> UUID:
        """The agency that holds it: the current step's, else the one that answers for it."""
        return self.goes_on_for(self.current.agency_id if self.current else self.competent_agency_id)

    @property
    def parties(self) -> dict[UUID, list[str]]:
        """Every agency that has to do with it, and as what."""
        found: dict[UUID, list[str]] = {}
        roles: list[tuple[str, Iterable[UUID]]] = [
            ("receiving", [self.agency_id]),
            ("competent", [self.competent_agency_id]),
            ("supporting", self.supporting),
            ("coordinating", self.coordinating),
            ("step", [step.agency_id for step in self.steps]),
        ]
        for role, agencies in roles:
            for agency_id in dict.fromkeys(self.goes_on_for(each) for each in agencies):
                found.setdefault(agency_id, []).append(role)
        return found

    @property
    def next_moment(self) -> datetime | None:
        """When its clocks will have something to publish; never while a pause holds them."""
        if self.status is not DossierStatus.PROCESSING:
            return None
        moments = [clock.next_moment for clock in self._running()]
        return min((moment for moment in moments if moment is not None), default=None)

    def is_as_seen(self, version: int) -> bool:
        """Whether nobody has acted on it since that version."""
        return self.acted_version <= version <= self.version

    # -- what is done with it ------------------------------------------------------------------

    def begin(self, counting: Counting, by: Acted) -> None:
        """Start its clocks; the first step is taken over by the agency that received it."""
        if self.clock is not None:
            self.clock = self.clock.start(counting, self.counts_from)
        if self.steps:
            first = self.steps[0]
            self._enter(first.seq, counting, self.counts_from)
            if first.agency_id == self.agency_id:
                self._take_over(first.seq, by)
        self._copy_due_time()
        self._look(by.at)
        self.announce(is_new=True)

    def hand_over(self, seq: int, counting: Counting, by: Acted) -> None:
        """End the current step and put the next before its agency."""
        self._expect_running(by.at)
        step = self._at(seq)
        following = next((each for each in self.steps if each.seq == step.seq + 1), None)
        if following is None:
            raise Conflict("last_step_is_finished", "step", step=step.number)
        self._put(replace(step, status=StepStatus.DONE, done_at=by.at))
        self._leave(step, following, by.at)
        self._enter(following.seq, counting, by.at)
        self._changed()

    def acknowledge(self, seq: int, by: Acted) -> None:
        """Take over what was handed over."""
        self._expect_running(by.at)
        step = self._current(seq)
        if step.status is not StepStatus.HANDED_OVER:
            raise Conflict("nothing_to_acknowledge", "step", step=step.number)
        self._take_over(seq, by)
        self._changed()

    def pass_on(self, officer_id: UUID, position_id: UUID) -> None:
        """Let another officer go on with the step that was taken up; its clock runs on."""
        step = self.current
        if step is None or step.status is not StepStatus.IN_PROGRESS:
            raise Conflict("nothing_to_acknowledge", "step", step=step.number if step else "")
        self._put(replace(step, officer_id=officer_id, position_id=position_id))
        self._changed()

    def send_back(self, seq: int, counting: Counting, by: Acted) -> None:
        """Return to the step that the procedure names, and to no other."""
        self._expect_running(by.at)
        step = self._at(seq)
        target = next((each for each in self.steps if each.number == step.returns_to), None)
        if step.returns_to is None or target is None:
            raise Conflict("step_has_no_return", "step", step=step.number)
        for each in self.steps[target.seq - 1 : step.seq]:
            self._put(replace(_untouched(each), agency_id=self.goes_on_for(each.agency_id)))
        self._leave(step, target, by.at)
        self._enter(target.seq, counting, by.at)
        self._changed()

    def pause(self, reason: str, note: str | None, counting: Counting, by: Acted) -> None:
        """Hold the clocks."""
        if self.status is DossierStatus.PAUSED:
            raise Conflict("already_paused")
        self._expect_running(by.at)
        self.pauses = (*self.pauses, Pause(reason=reason, note=note, paused_at=by.at))
        self.status = DossierStatus.PAUSED
        if self.clock is not None:
            self.clock = self.clock.stop(counting, by.at)
        self._set_clock(self._step_clock(), lambda clock: clock.stop(counting, by.at))
        self._changed()

    def resume(self, note: str | None, counting: Counting, by: Acted) -> None:
        """Let them run again with the time that was left."""
        if self.status is not DossierStatus.PAUSED:
            raise Conflict("not_paused")
        last = self.pauses[-1]
        ended = replace(last, resumed_at=by.at, note=note or last.note)
        self.pauses = (*self.pauses[:-1], ended)
        self.status = DossierStatus.PROCESSING
        since = max(by.at, self.counts_from)
        if self.clock is not None:
            self.clock = self.clock.start(counting, since)
        self._set_clock(self._step_clock(), lambda clock: clock.start(counting, since))
        self._look(by.at)
        self._changed()

    def finish(self, by: Acted) -> None:
        """The result is there."""
        self._expect_running(by.at)
        step = self.current
        if step is not None:
            self._expect_taken_over(step)
            if step.seq != self.steps[-1].seq:
                raise Conflict("steps_remain", "dossierId", step=step.number, last=self.steps[-1].number)
            self._put(replace(step, status=StepStatus.DONE, done_at=by.at))
            self._set_clock(self._step_clock(), lambda clock: clock.leave(by.at))
        self.status, self.ended_at = DossierStatus.FINISHED, by.at
        self._changed()
        self.record(published.finished(self, by.at))

    def stop(self, by: Acted) -> None:
        """End it without a result."""
        if not self.is_open:
            raise Conflict("dossier_has_ended")
        self._look(by.at)
        self.status, self.ended_at = DossierStatus.STOPPED, by.at
        self._changed()

    def look(self, now: datetime) -> bool:
        """Record what came near or went past its due time since the last look; whether there was anything."""
        if not self._look(now):
            return False
        self.announce()
        return True

    def goes_on_for(self, agency_id: UUID) -> UUID:
        """Who goes on for that agency; itself where it did not end."""
        return self.continued.get(agency_id, agency_id)

    # -- clocks --------------------------------------------------------------------------------

    def _running(self) -> list[Clock]:
        """The whole dossier's clock and that of the current step."""
        found = [self.clock, self._step_clock()]
        return [clock for clock in found if clock is not None and clock.runs]

    def _step_clock(self) -> Clock | None:
        wanted = self.current.clock_seq if self.current else None
        return next((clock for clock in self.step_clocks if clock.seq == wanted), None)

    def _set_clock(self, clock: Clock | None, change: Any) -> None:
        if clock is not None:
            self.step_clocks = tuple(
                change(each) if each.seq == clock.seq else each for each in self.step_clocks
            )

    def _look(self, now: datetime) -> bool:
        if self.status is not DossierStatus.PROCESSING:
            return False
        found = [self._look_at(clock, now) for clock in self._running()]
        return True in found

    def _look_at(self, clock: Clock, now: datetime) -> bool:
        due, nearing = clock.due_at, clock.nearing_at
        if due is not None and due < now and not clock.told_overdue:
            self._replace(clock, replace(clock, told_overdue=True, told_nearing=True))
            self.is_overdue = self.is_overdue or clock.seq == 0
            self.record(published.overdue(self, clock, due, now))
            return True
        if due is not None and nearing is not None and nearing <= now and not clock.told_nearing:
            self._replace(clock, replace(clock, told_nearing=True))
            self.record(published.nearing(self, clock, due, now))
            return True
        return False

    def _replace(self, clock: Clock, by: Clock) -> None:
        if clock.seq == 0:
            self.clock = by
        else:
            self._set_clock(clock, lambda _: by)

    # -- steps ---------------------------------------------------------------------------------

    def _step(self, seq: int) -> Step:
        return self.steps[seq - 1]

    def _put(self, step: Step) -> None:
        self.steps = tuple(step if each.seq == step.seq else each for each in self.steps)

    def _enter(self, seq: int, counting: Counting, at: datetime) -> None:
        step = self._step(seq)
        self.step_seq = seq
        self._put(replace(_untouched(step), status=StepStatus.HANDED_OVER, handed_over_at=at))
        clock = self._step_clock()
        if clock is not None and not clock.runs:
            since = max(at, self.counts_from)
            self._set_clock(clock, lambda each: each.start(counting, since))

    def _leave(self, step: Step, towards: Step, at: datetime) -> None:
        """Steps that share a duration share the clock: it runs on from one to the other."""
        if step.clock_seq != towards.clock_seq:
            self._set_clock(self._step_clock(), lambda clock: clock.leave(at))

    def _take_over(self, seq: int, by: Acted) -> None:
        taken = replace(
            self._step(seq),
            status=StepStatus.IN_PROGRESS,
            acknowledged_at=by.at,
            officer_id=by.person_id,
            position_id=by.position_id,
        )
        self._put(taken)

    def _current(self, seq: int) -> Step:
        step = self.current
        if step is None:
            raise Conflict("dossier_has_no_steps", "step")
        if step.seq != seq:
            raise Conflict("step_is_not_current", "step", asked=seq, current=step.seq)
        return step

    def _at(self, seq: int) -> Step:
        step = self._current(seq)
        self._expect_taken_over(step)
        return step

    @staticmethod
    def _expect_taken_over(step: Step) -> None:
        if step.status is StepStatus.HANDED_OVER:
            raise Conflict("hand_over_not_acknowledged", "step", step=step.number)

    def _expect_running(self, now: datetime) -> None:
        if self.status is DossierStatus.PAUSED:
            raise Conflict("dossier_is_paused")
        if not self.is_open:
            raise Conflict("dossier_has_ended")
        self._look(now)

    # -- what is published ---------------------------------------------------------------------

    def _copy_due_time(self) -> None:
        self.due_at = self.clock.due_at if self.clock else None

    def _changed(self) -> None:
        self.acted_version = self.version + 1
        self._copy_due_time()
        self.announce()

    def announce(self, *, is_new: bool = False) -> None:
        """Record the state that results, once a transaction: receivers go by its version."""
        recorded = self.drain()
        is_new = is_new or any(isinstance(each, DossierReceived) for each in recorded)
        for each in recorded:
            if not isinstance(each, (DossierReceived, DossierChanged)):
                self.record(each)
        state = published.state(self)
        self.record(DossierReceived(**state) if is_new else DossierChanged(**state))

    def snapshot(self) -> dict[str, Any]:
        """The state as the trail shows it."""
        return published.snapshot(self, super().snapshot())


def _untouched(step: Step) -> Step:
    """The step as it was before anybody took it up."""
    return replace(
        step,
        status=StepStatus.WAITING,
        handed_over_at=None,
        acknowledged_at=None,
        officer_id=None,
        position_id=None,
        done_at=None,
    )
