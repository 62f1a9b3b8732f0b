"""Services without a bus: their own methods and reactions, from the token to the answer, on a real database.

The bus itself is tested in `tests/integration/kernel`; what a service answers is the same without it.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from threading import Event as Flag
from typing import Any
from uuid import UUID, uuid4

import eventlet
from eventlet.queue import Empty, LightQueue

from contracts.base import Envelope, Event
from kernel.base import wire
from kernel.bus.incoming import parse_event
from kernel.run.process import means_of, sweep_once
from kernel.trust.heeding import Heeding
from kernel.trust.identity import Actor
from kernel.work.handling import answer as answered
from kernel.work.handling import react
from kernel.work.jobs import JobRunner
from kernel.work.request import Request
from kernel.work.sealer import Sealer
from kernel.work.service import Service

TURN_SECONDS = 0.05


class ReadingOn(Heeding):
    """Reads what ended before every call, where a process of its own does so several times a second.

    A test for the moment before it is read sets `reads` to false.
    """

    reads = True

    def check(self, actor: Actor) -> None:
        if self.reads and actor.relies_on:
            self.read_on()
            super().check(actor)


class Spoken:
    """One service in this process, asked and given events as the bus would, without one."""

    def __init__(self, kind: type[Service], settings: Any) -> None:
        self.kind, self.means = kind, means_of(kind, settings)
        self.means.heeding = ReadingOn(self.means.database)
        self.database = self.means.database
        self.versions: Counter[UUID] = Counter()
        self._working: list[Any] = []
        self._stopping = Flag()

    def ask(self, method: str, body: Any, token: str | None, **headers: Any) -> dict[str, Any]:
        """`{"ok": …}` or `{"refused": …}`; a defect raises. Both ways through the bytes of a message."""
        sent = wire.decode(wire.encode(wire.dump(body)))
        known = {"deadline": None, "traceparent": None, "address": None} | headers
        request = Request(method=method, body=sent, token=token, user_id="gateway", **known)
        answer: dict[str, Any] = wire.decode(
            wire.encode(answered(self.means, self.kind.operations[method], request))
        )
        return answer

    def ok(self, method: str, token: str, **body: Any) -> Any:
        answer = self.ask(method, {"request_id": uuid4(), **body}, token)
        assert "ok" in answer, (method, answer)
        return answer["ok"]

    def publish(
        self, event: Event, aggregate_id: UUID, version: int | None = None, **changes: Any
    ) -> Envelope:
        """Publish as another service an event after all those before; every reaction has heard it then."""
        self.versions[aggregate_id] += 1
        now = datetime.now(UTC)
        given = {
            "message_id": uuid4(),
            "topic": event.topic,
            "sequence": sum(self.versions.values()),
            "aggregate_id": aggregate_id,
            "version": version or self.versions[aggregate_id],
            "occurred_at": now,
            "recorded_at": now,
        }
        envelope = Envelope(**given | changes)
        self.hear(envelope, event)
        return envelope

    def hear(self, envelope: Envelope, event: Event) -> None:
        """Let every reaction to the topic have the event, as it is read from a message."""
        body = wire.decode(wire.encode({"envelope": envelope, "event": event}))
        for each in self.kind.heard().get(event.topic, ()):
            react(self.means, each.name, each.handler, *parse_event(body, event.topic))

    def work(self, *roles: str) -> None:
        """Beside the test: its sweeps turn (`sweep`), its jobs (`jobs`), its sealer (`relay`)."""
        if "sweep" in roles:
            sweeps = [lambda each=each: sweep_once(self.means, each) for each in self.kind.sweeps]
            self._working += [eventlet.spawn(self._keep, turn) for turn in sweeps]
        if "jobs" in roles and self.kind.jobs:
            self._working.append(eventlet.spawn(self._keep, JobRunner(self.means, self.kind.jobs).turn))
        if "relay" in roles:
            self._working.append(eventlet.spawn(Sealer(self.means).run, self._stopping))

    def _keep(self, turn: Callable[[], Any]) -> None:
        """As the launcher does: a failure costs a pause, never the role."""
        while not self._stopping.is_set():
            done = 0
            with suppress(Exception):
                done = turn()
            if not done:
                self._stopping.wait(TURN_SECONDS)

    def stop(self) -> None:
        """End what works beside, and let go of the database."""
        self._stopping.set()
        for each in self._working:
            each.kill()
        self.means.publishers.drain()
        self.database.close()


class Calls:
    """Calls to the services of a test, as the gateway would make them: each in a thread of its own."""

    def __init__(self, services: dict[str, list[Spoken]]) -> None:
        self.services, self._ids = services, count(1)
        self._arrived: LightQueue = LightQueue()

    def call(
        self, method: str, body: Any, *, token: str | None = None, seconds: float = 15, **headers: str
    ) -> Any:
        """`{"ok": …}` or `{"refused": …}`; a defect raises."""
        service, name = method.split(".")
        given = {"deadline": wire.deadline_in(seconds), "traceparent": wire.new_traceparent()}
        names = {wire.ADDRESS: "address", wire.TRACE: "traceparent", wire.DEADLINE: "deadline"}
        given |= {names[each]: value for each, value in headers.items()}
        try:
            return self.services[service][-1].ask(name, body, token or None, **given)
        except Exception as error:
            raise RuntimeError(f"defect: {error!r}") from error

    def send(self, method: str, body: Any, **more: Any) -> str:
        """Begin a call; its answer is among those that arrive."""
        id_ = str(next(self._ids))
        eventlet.spawn(self._answer, id_, method, body, more)
        return id_

    def _answer(self, id_: str, method: str, body: Any, more: dict[str, Any]) -> None:
        try:
            self._arrived.put((id_, self.call(method, body, **more)))
        except Exception as error:
            self._arrived.put((id_, error))

    def arrived(self, within: float = 20) -> tuple[str, Any]:
        """The next answer, whichever of those sent it is to; a defect raises."""
        try:
            id_, answer = self._arrived.get(timeout=within)
        except Empty:
            raise AssertionError(f"no answer within {within} s") from None
        if isinstance(answer, Exception):
            raise answer
        return id_, answer
