"""Long work as a job: claimed by one, done in steps, each with its checkpoint, resumed after a kill."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from kernel.base import clock, wire
from kernel.base.errors import NotFound
from kernel.base.ids import new_id
from kernel.data.tables import jobs
from kernel.life import traces
from kernel.life.crash import crash_point
from kernel.trust.identity import Actor
from kernel.work.call import Call
from kernel.work.context import ProcessContext
from kernel.work.unit_of_work import transaction

log = logging.getLogger(__name__)

STALE = timedelta(seconds=30)
ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a step left the job; `checkpoint` is what the next step, perhaps of another process, is given."""

    done: int
    total: int | None
    checkpoint: Any
    finished: bool


Step = Callable[[Call, Mapping[str, Any], Any], Progress]


class TakenOver(Exception):
    """Another runner held the job for abandoned and goes on with it: it is not this one's any more."""


def enqueue(call: Call, kind: str, arguments: Any, *, agency_id: UUID, total: int | None = None) -> UUID:
    """Put a job into the queue with the transaction that asks for it."""
    job_id = new_id()
    call.session.execute(
        insert(jobs).values(
            id=job_id,
            kind=kind,
            arguments=wire.dump(arguments),
            state="queued",
            total=total,
            requested_by=call.actor.person_id,
            agency_id=agency_id,
            trace_id=call.trace_id,
        )
    )
    traces.waits("job", job_id, f"{kind} enqueue")
    call.leave_trail(
        subject_type="Job", subject_id=job_id, agency_id=agency_id, after={"kind": kind, "total": total}
    )
    return job_id


def cancel(call: Call, job_id: UUID, reason: str | None = None) -> None:
    """Ask the job to end after the step it is in."""
    wanted = update(jobs).where(jobs.c.id == job_id, jobs.c.state.in_(("queued", "running")))
    asked = call.session.execute(wanted.values(cancel_requested=True).returning(jobs.c.agency_id)).first()
    if asked is None:
        raise NotFound("job_not_found")
    call.leave_trail(
        subject_type="Job",
        subject_id=job_id,
        agency_id=asked.agency_id,
        after={"cancel_requested": True},
        reason=reason,
    )


class JobRunner:
    """Takes one job at a time and walks it to its end; any number of runners may stand side by side."""

    def __init__(self, means: ProcessContext, steps: Mapping[str, Step]) -> None:
        self.means, self.steps = means, steps

    def turn(self) -> bool:
        """One step of one job; False when there was nothing to do."""
        job = self._claim()
        if job is None:
            return False
        while job is not None:
            job = self._step(job)
        return True

    def _claim(self) -> Any:
        abandoned = (jobs.c.state == "running") & (jobs.c.heartbeat_at < clock.now() - STALE)
        mine = (
            select(jobs.c.id)
            .where(or_(jobs.c.state == "queued", abandoned), jobs.c.kind.in_(self.steps))
            .order_by(jobs.c.created_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        now = clock.now()
        taken = (
            update(jobs)
            .where(jobs.c.id == mine)
            .values(
                state="running", heartbeat_at=now, started_at=now, attempts=jobs.c.attempts + 1, error=None
            )
            .returning(jobs)
        )
        with self._sessions() as session:
            job = session.execute(taken).mappings().first()
            session.commit()
        return job

    def _step(self, job: Any) -> Any:
        """Carry out the next step; the effect and the checkpoint are one transaction."""
        if self._is_cancelled(job):
            return self._end(job, "cancelled", None)
        try:
            parent = traces.after_waiting("job", job["id"], job["trace_id"])
            with traces.span(f"{self.means.service}.{job['kind']}", traces.Kind.CONSUMER, parent=parent):
                progress = self._carry_out(job)
        except TakenOver:
            log.warning("job %s (%s) was taken over by another process", job["id"], job["kind"])
            return None
        except Exception as error:
            log.exception("job %s (%s) failed", job["id"], job["kind"])
            state = "failed" if job["attempts"] >= ATTEMPTS else "queued"
            return self._end(job, state, f"{type(error).__name__}: {error}")
        crash_point("job.after_checkpoint")
        if progress.finished:
            return self._end(job, "done", None)
        return {**job, "checkpoint": progress.checkpoint}

    def _carry_out(self, job: Any) -> Progress:
        actor = Actor.system(f"job:{job['id']}")
        origin = self.means.origin(
            actor, job["kind"], occurred_at=clock.business_now(), trace_id=job["trace_id"]
        )
        with transaction(self.means.database, origin, constraints=self.means.constraints) as session:
            self._hold(session, job)
            call = self.means.call(session=session, actor=actor, action=job["kind"], trace_id=job["trace_id"])
            progress = self.steps[job["kind"]](call, job["arguments"], job["checkpoint"])
            session.connection().execute(
                update(jobs)
                .where(jobs.c.id == job["id"])
                .values(
                    checkpoint=wire.dump(progress.checkpoint),
                    done=progress.done,
                    total=progress.total,
                    heartbeat_at=clock.now(),
                )
            )
            crash_point("job.before_checkpoint")
        return progress

    def _hold(self, session: Session, job: Any) -> None:
        """Nobody takes the job over during this step; a step that begins too late must not repeat another's.

        The lease alone does not show that: a process may stand still, and a clock may jump.
        """
        # Shared, so that a request to cancel it gets in; a process that takes the job over asks for it alone.
        mine = select(jobs.c.id).where(*_still_mine(job)).with_for_update(read=True, key_share=True)
        if session.connection().execute(mine).first() is None:
            raise TakenOver

    def _is_cancelled(self, job: Any) -> bool:
        with self._sessions() as session:
            return bool(session.scalar(select(jobs.c.cancel_requested).where(jobs.c.id == job["id"])))

    def _end(self, job: Any, state: str, error: str | None) -> None:
        with self._sessions() as session:
            ended = {"state": state, "error": error, "finished_at": clock.now()}
            session.execute(update(jobs).where(*_still_mine(job)).values(**ended))
            session.commit()

    def _sessions(self) -> Session:
        return self.means.database.sessions()


def _still_mine(job: Any) -> tuple[Any, ...]:
    """Each taking up counts as an attempt: another number means another runner."""
    return jobs.c.id == job["id"], jobs.c.state == "running", jobs.c.attempts == job["attempts"]
