"""How a call becomes an answer, apart from the bus: deadline, token, policy, claim, transaction, refusal."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import UUID

from contracts.base import Command, Envelope, Event
from kernel.base import clock, wire
from kernel.base.errors import Refusal, Unavailable
from kernel.base.ids import NOBODY
from kernel.data import inbox
from kernel.data.claims import Claim
from kernel.life import log as lines
from kernel.life import metrics, traces
from kernel.life.crash import crash_point
from kernel.trust.identity import PUBLIC, Actor
from kernel.trust.trail import Origin
from kernel.work.call import Reaction
from kernel.work.context import ProcessContext
from kernel.work.operations import Operation
from kernel.work.request import Request
from kernel.work.unit_of_work import ConnectionLost, question, transaction, work_of

log = logging.getLogger(__name__)

AT_ONCE = 1.0
"""Seconds within which a question that found its connection gone is put again."""


class PolicyNotAsked(AssertionError):
    """A handler changed or showed a thing of an agency without asking the policy: a defect."""


def answer(means: ProcessContext, operation: Operation, request: Request) -> dict[str, Any]:
    """`{"ok": …}` or `{"refused": …}`; a defect is logged here and raised without its details."""
    started, trace_id = perf_counter(), wire.trace_id(request.traceparent)
    outcome = ended = "ok"
    name, kind = f"{means.service}.{operation.name}", traces.Kind.SERVER
    with lines.bind(trace_id), traces.span(name, kind, parent=request.traceparent) as span:
        try:
            given = _answer(means, operation, request, trace_id)
            if "refused" in given:
                outcome, ended = given["refused"]["code"], _ended(given["refused"])
            return given
        except Refusal as no:
            refused = no.as_data()
            outcome, ended = no.code, _ended(refused)
            return {"refused": refused}
        except Exception:
            outcome = ended = "defect"
            log.exception("%s.%s failed", means.service, operation.name)
            raise
        finally:
            seconds = perf_counter() - started
            metrics.CALLS.labels(name, ended).observe(seconds)
            if ended in ("refused", "unavailable"):
                metrics.REFUSED.labels(name, outcome).inc()
            span.note(outcome=outcome)
            # A question is worth a line only at the level of debugging; the gateway has logged it.
            _log(logging.INFO if operation.writes else logging.DEBUG, name, outcome, seconds)


def _ended(refused: Mapping[str, Any]) -> str:
    """How a refused call ended, in the few words a histogram can bear; the code is counted apart."""
    return "unavailable" if refused["kind"] == Unavailable.kind else "refused"


def _answer(
    means: ProcessContext, operation: Operation, request: Request, trace_id: str | None
) -> dict[str, Any]:
    seconds = _seconds_left(request, means.settings.call_seconds)
    actor = _actor(means, request)
    means.policy.admit(operation.name, actor)
    asked = wire.admit(operation.contract, request.body)
    job = _Job(means, operation, actor, trace_id, seconds, asked, request.address)
    if not operation.writes:
        return job.read()
    if not operation.once:
        return job.write(None)
    claim = Claim(actor.person_id or NOBODY, operation.name, asked.request_id, wire.dump(asked))
    return job.write_once(claim)


def _seconds_left(request: Request, limit: float) -> float:
    left = wire.seconds_left(request.deadline)
    if left is not None and left <= 0:
        raise Unavailable("deadline_passed")
    return min(limit, left) if left is not None else limit


def _actor(means: ProcessContext, request: Request) -> Actor:
    # The broker vouches for `user_id`: it refuses a message that names another user than its sender.
    if request.token is None and request.user_id in means.peers:
        return Actor.system(f"service:{request.user_id}")
    if request.token is None:
        # Without a token one is anybody: the first token of all must be asked for without one.
        return PUBLIC
    actor = means.verifier.verify(request.token, clock.now())
    means.heeding.check(actor)
    return actor


@dataclass
class _Job:
    """One operation with everything that was found out about it."""

    means: ProcessContext
    operation: Operation
    actor: Actor
    trace_id: str | None
    seconds: float
    asked: Any
    address: str | None

    def read(self) -> dict[str, Any]:
        began = perf_counter()
        try:
            return self._read()
        except ConnectionLost:
            if perf_counter() - began > AT_ONCE:
                raise
            # Nobody asks beforehand whether a pooled connection stands: one that does not says so at once.
            return self._read()

    def _read(self) -> dict[str, Any]:
        with question(self.means.database, self._origin(None), self.seconds) as session:
            return {"ok": wire.dump(self._run(session, None))}

    def write_once(self, claim: Claim) -> dict[str, Any]:
        """Carry the command out once; a refusal is kept too, in a transaction of its own."""
        try:
            return self.write(claim)
        except Unavailable:
            raise
        except Refusal as no:
            if no.code == "request_id_reused":
                raise
            return self._remember(claim, {"refused": no.as_data()})

    def write(self, claim: Claim | None) -> dict[str, Any]:
        command: Command[Any] = self.asked
        with self._transaction(command.request_id) as session:
            if claim and (before := claim.take(session)) is not None:
                return before
            work_of(session).must_leave_trail = True
            result = self._run(session, command.request_id)
            session.flush()
            done = {"refused": result.as_data()} if isinstance(result, Refusal) else {"ok": wire.dump(result)}
            if claim:
                claim.keep(session, done)
            crash_point("call.before_commit")
        crash_point("call.after_commit")
        return done

    def _remember(self, claim: Claim, refused: dict[str, Any]) -> dict[str, Any]:
        with self._transaction(None) as session:
            before = claim.take(session)
            if before is None:
                claim.keep(session, refused)
            return before or refused

    def _run(self, session: Any, request_id: UUID | None) -> Any:
        call = self.means.call(
            session=session,
            actor=self.actor,
            action=self.operation.name,
            request_id=request_id,
            trace_id=self.trace_id,
            address=self.address,
        )
        result = self.operation.handler(call, self.asked)
        owed = self.operation.writes and self.means.policy.needs_agency(self.operation.name)
        if owed and not (call.asked_policy or isinstance(result, Refusal)):
            raise PolicyNotAsked(self.operation.name)
        return result

    def _transaction(self, request_id: UUID | None) -> Any:
        return transaction(
            self.means.database,
            self._origin(request_id),
            seconds=self.seconds,
            constraints=self.means.constraints,
        )

    def _origin(self, request_id: UUID | None) -> Origin:
        return self.means.origin(
            self.actor,
            self.operation.name,
            occurred_at=clock.business_now(),
            trace_id=self.trace_id,
            request_id=request_id,
        )


def react(
    means: ProcessContext,
    name: str,
    handler: Callable[[Reaction, Any], None],
    envelope: Envelope,
    event: Event,
    traceparent: str | None = None,
) -> bool:
    """React once, claim and effect in one transaction; False for a message that had its effect before."""
    started, outcome = perf_counter(), "done"
    actor = Actor.system(str(envelope.message_id))
    origin = means.origin(actor, name, occurred_at=envelope.occurred_at, trace_id=envelope.trace_id)
    method = f"{means.service}.{name}"
    parent = traceparent or traces.after_waiting("event", envelope.message_id, envelope.trace_id)
    about = {"topic": envelope.topic}
    with (
        lines.bind(envelope.trace_id),
        traces.span(method, traces.Kind.CONSUMER, parent=parent, **about) as span,
    ):
        try:
            with transaction(means.database, origin, seconds=means.settings.call_seconds) as session:
                if not inbox.first_time(session, name, envelope.message_id):
                    outcome = "repeated"
                    return False
                call = means.call(
                    Reaction,
                    session=session,
                    actor=actor,
                    action=name,
                    trace_id=envelope.trace_id,
                    envelope=envelope,
                )
                handler(call, event)
                crash_point("reaction.before_commit")
            crash_point("reaction.after_commit")
            return True
        except Exception as error:
            outcome = error.code if isinstance(error, Refusal) else "failed"
            raise
        finally:
            seconds = perf_counter() - started
            span.note(outcome=outcome)
            if outcome == "done":
                lag = (clock.now() - envelope.recorded_at).total_seconds()
                metrics.EVENT_LAG.labels(envelope.topic, method).observe(max(0.0, lag))
            metrics.REACTIONS.labels(method, outcome).observe(seconds)
            _log(logging.INFO, method, outcome, seconds)


def _log(level: int, method: str, outcome: str, seconds: float) -> None:
    facts = {"method": method, "outcome": outcome, "milliseconds": round(seconds * 1000, 1)}
    log.log(level, "%s %s", method, outcome, extra={"facts": facts})
