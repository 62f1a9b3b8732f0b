"""One process of a service: the roles it plays, kept running, and stopped in order."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Event
from time import monotonic
from typing import Any

import eventlet
from amqp.exceptions import AccessRefused, AMQPError, NotAllowed
from nameko.containers import ServiceContainer

from kernel.base import clock
from kernel.bus.binding import container_class
from kernel.bus.catchup import CatchUp
from kernel.bus.connection import connect
from kernel.bus.consumer import RawConsumer
from kernel.bus.publisher import Publisher, PublisherPool
from kernel.bus.relay import Relay
from kernel.bus.rpc import CallReader, SafeRpc
from kernel.bus.subscription import EveryProcessSubscription, Subscription
from kernel.bus.worker import MEANS
from kernel.data import migrations
from kernel.data.database import Database
from kernel.data.store import ObjectStore
from kernel.life import metrics, process_metrics, traces
from kernel.life.health import HealthServer
from kernel.run.sampler import Sampler
from kernel.trust.heeding import READS_ON_SECONDS
from kernel.trust.identity import Actor, Verifier
from kernel.work.anchor import FOLDER as ANCHORS
from kernel.work.anchor import anchor_heads
from kernel.work.context import ProcessContext
from kernel.work.housekeeping import keep_house
from kernel.work.jobs import JobRunner
from kernel.work.sealer import Sealer
from kernel.work.service import Service, Sweep
from kernel.work.unit_of_work import transaction

log = logging.getLogger(__name__)

ROLES = ("rpc", "reactions", "relay", "sweep", "jobs")
Turn = tuple[str, Callable[[], None]]
AGAIN_SECONDS = 1.0
# Together less than a supervisor waits before it kills: for calls at hand, then for sweeps and the relay.
STOP_SECONDS, STOP_AWAY_SECONDS, SETTLE_SECONDS = 12.0, 1.0, 4.0
HOUSEKEEPING = (
    Sweep(name="keep_house", every=3600, run=keep_house),
    Sweep(name="anchor_trail", every=600, run=anchor_heads),
)


def means_of(service: type[Service], settings: Any, *, at_any_length: bool = False) -> ProcessContext:
    """What a process of `service` has to work with; `at_any_length`: no statement is cut off."""
    return ProcessContext(
        service=service.name,
        settings=settings,
        database=Database(
            settings.database_url,
            settings.database_pool,
            f"eiso-{service.name}",
            longest=None if at_any_length else settings.statement_seconds,
            behind=service.behind,
            by_index=service.by_index,
        ),
        verifier=Verifier.from_file(settings.grant_jwks_file),
        policy=service.policy,
        publishers=PublisherPool(settings.amqp_uri),
        store=ObjectStore.from_settings(settings),
        resources=service.make_resources(settings),
        reaching=service.reaching,
        peers=service.peers,
        constraints=service.constraints,
    )


class Process:
    """Plays the roles; each background role is started again when it fails, and said so."""

    def __init__(self, service: type[Service], means: ProcessContext, roles: Sequence[str]) -> None:
        self.service, self.means, self.roles = service, means, tuple(roles)
        self.stopping = Event()
        self.stopped = Event()
        self.container: ServiceContainer | None = None
        self.health: HealthServer | None = None
        self.turning: list[Any] = []
        self.repeatable: list[Any] = []
        self.caught_up = "reactions" not in roles
        self.listening = not {"rpc", "reactions"} & set(roles)
        self.failed = False

    def start(self) -> None:
        """Health first, so that an operator sees why a process is not ready yet."""
        self._serve_health()
        self._show_process()
        self.turning += [eventlet.spawn(self._keep, name, turn) for name, turn in self._sweeps_and_jobs()]
        self.repeatable += [eventlet.spawn(self._keep, name, turn) for name, turn in self._relay_and_sealer()]
        if {"rpc", "reactions"} & set(self.roles):
            self.repeatable.append(eventlet.spawn(self._run_container))
        if "reactions" in self.roles:
            self.repeatable.append(eventlet.spawn(self._catch_up))
        log.info("started", extra={"facts": {"roles": self.roles}})

    def wait(self) -> None:
        """Until stopped; raises when the container died, so that the supervisor starts the process anew."""
        self.stopped.wait()
        if self.failed:
            raise SystemExit("the container ended by itself")

    def stop(self) -> None:
        """Finish what was begun, take nothing new."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        if self.container is not None and self.listening:
            self._stop_container(self.container)
        self._end_turns()
        if self.health is not None:
            self.health.stop()
        traces.stop()
        self.means.publishers.drain()
        self.means.database.close()
        log.info("stopped")
        self.stopped.set()

    def _stop_container(self, container: ServiceContainer) -> None:
        """Without the broker there is nobody to take leave of: what was not acknowledged comes again.

        It may go while it is being left, or just before, and nobody has noticed yet.
        """
        consumers = [each for each in container.subextensions if isinstance(each, RawConsumer)]
        leaving, ends, away = eventlet.spawn(container.stop), monotonic() + STOP_SECONDS, False
        while not leaving.dead and monotonic() < ends:
            if not away and not all(each.is_connected for each in consumers):
                away, ends = True, min(ends, monotonic() + STOP_AWAY_SECONDS)
            eventlet.sleep(0.02)
        leaving.kill()

    def _end_turns(self) -> None:
        """Let sweeps end their turn, for a mail handed over must still be marked; the rest may be cut off."""
        here = eventlet.getcurrent()
        for thread in self.repeatable:
            if thread is not here:
                thread.kill()
        with eventlet.Timeout(SETTLE_SECONDS, False):
            for thread in self.turning:
                with suppress(Exception):
                    thread.wait()
        for thread in self.turning:
            thread.kill()

    def _run_container(self) -> None:
        """Start listening once there is a broker; a container that ends of itself has died."""
        try:
            self._reach_the_broker()
            self.container = self._container()
            dying = eventlet.spawn(self.container.wait)
            dying.link(lambda _: self._container_ended())
            self.container.start()
            self.listening = not self.failed
        except Exception as error:
            log.critical("the container could not start: %s: %s", type(error).__name__, error)
            self._container_ended()

    def _reach_the_broker(self) -> None:
        """Wait for a broker that is away; one that refuses us will go on refusing."""
        while not self.stopping.is_set():
            try:
                connect(self.means.settings.amqp_uri).close()
                return
            except (AccessRefused, NotAllowed):
                raise
            except (OSError, AMQPError) as error:
                log.warning("broker not reached, tried again: %s", error)
                self._pause(AGAIN_SECONDS)

    def _container_ended(self) -> None:
        if self.stopping.is_set():
            return
        log.critical("the container ended by itself")
        self.failed, self.listening = True, False
        eventlet.spawn_n(self.stop)

    def _container(self) -> ServiceContainer:
        settings = self.means.settings
        config = {
            "AMQP_URI": settings.amqp_uri,
            "max_workers": settings.max_workers,
            "HEARTBEAT": settings.amqp_heartbeat,
            # Keep trying: a broker that is away for an hour must find its services when it returns.
            "TRANSPORT_OPTIONS": {"max_retries": None, "interval_start": 0.2, "interval_max": 3},
            MEANS: self.means,
        }
        container = ServiceContainer(container_class(self.service), config)
        wanted = tuple(
            kind
            for role, kind in (
                ("rpc", SafeRpc),
                ("rpc", EveryProcessSubscription),
                ("reactions", Subscription),
            )
            if role in self.roles
        )
        for each in [e for e in container.entrypoints if not isinstance(e, wanted)]:
            container.entrypoints.discard(each)
        # The reader of calls came with the methods: without them it would answer that there are none.
        for each in [e for e in container.subextensions if isinstance(e, CallReader)]:
            if "rpc" not in self.roles:
                container.subextensions.discard(each)
        return container

    def _relay_and_sealer(self) -> list[Turn]:
        """Relay and sealer may be ended at any point: what they had not marked is known when done again."""
        if "relay" not in self.roles:
            return []
        return [
            ("relay", lambda: Relay(self.means).run(self.stopping)),
            ("sealer", lambda: Sealer(self.means).run(self.stopping)),
        ]

    def _sweeps_and_jobs(self) -> list[Turn]:
        """Name and one turn of each."""
        turns: list[Turn] = []
        if "rpc" in self.roles:
            turns.append(("heeding", self._read_on))
        if "sweep" in self.roles:
            sweeps: list[Sweep] = [*self.service.sweeps, *HOUSEKEEPING]
            turns += [(each.name, self._sweeping(each)) for each in sweeps]
            sampler = Sampler(self.means, self.service)
            turns.append(("sampler", lambda: self._pause(sampler.turn())))
        if "jobs" in self.roles and self.service.jobs:
            runner = JobRunner(self.means, self.service.jobs)
            turns.append(("jobs", lambda: None if runner.turn() else self._pause(0.5)))
        return turns

    def _read_on(self) -> None:
        self.means.heeding.read_on()
        self._pause(READS_ON_SECONDS)

    def _sweeping(self, sweep: Sweep) -> Callable[[], None]:
        def turn() -> None:
            with metrics.turn(sweep.name):
                done = sweep_once(self.means, sweep)
            if not done:
                self._pause(sweep.every)

        return turn

    def _keep(self, name: str, turn: Callable[[], None]) -> None:
        """Turn after turn; a failure costs a pause, never the role."""
        while not self.stopping.is_set():
            try:
                turn()
            except Exception as error:
                log.warning("%s failed and is started again: %s: %s", name, type(error).__name__, error)
                self._pause(AGAIN_SECONDS)

    def _catch_up(self) -> None:
        """Soon again at first: where all start at once, a source is only a moment later.

        Not before the queues are there: what a source publishes meanwhile would be in neither.
        """
        pause = AGAIN_SECONDS / 4
        while not (self.listening or self.stopping.is_set()):
            self._pause(pause)
        while not self.stopping.is_set():
            try:
                CatchUp(self.means, self.service).run()
                self.caught_up = True
                return
            except Exception as error:
                log.warning("catching up failed and is tried again: %s", error)
                self._pause(pause)
                pause = min(pause * 2, AGAIN_SECONDS * 5)

    def _pause(self, seconds: float) -> None:
        self.stopping.wait(seconds)

    def _serve_health(self) -> None:
        settings = self.means.settings
        checks = {
            "database": self.means.database.check,
            "migrations": self._check_migrations,
            "bus": self._check_bus,
            "listening": self._check_listening,
            "catch_up": self._check_caught_up,
        }
        if self.service.needs_store:
            # No key begins so; that the own folder may be listed is what is asked.
            folder = f"{ANCHORS}/{self.service.name}/ready"
            checks["store"] = partial(self.means.store.check, folder)
        self.health = HealthServer(settings.health_host, settings.health_port, self.service.name, checks)
        self.health.start()

    def _show_process(self) -> None:
        for role in self.roles:
            process_metrics.PROCESS.labels(self.service.name, role).set(1)
        process_metrics.POOL.set_function(self.means.database.in_use)
        process_metrics.POOL_SIZE.set(self.means.database.most())

    def _check_migrations(self) -> None:
        with self.means.database.engine.begin() as connection:
            at, head = migrations.current(connection), migrations.head(self.service.name)
        if at != head:
            raise RuntimeError(f"database at {at}, code at {head}")

    def _check_bus(self) -> None:
        with self.means.publishers.borrow() as publisher:
            assert isinstance(publisher, Publisher)
            publisher.connection.send_heartbeat()

    def _check_listening(self) -> None:
        if self.stopping.is_set():
            raise RuntimeError("stopping; what was begun is being finished")
        if not self.listening:
            raise RuntimeError("not reading its queues yet")

    def _check_caught_up(self) -> None:
        if not self.caught_up:
            raise RuntimeError("still catching up with the sources' event logs")


def sweep_once(means: ProcessContext, sweep: Sweep) -> int:
    """One turn of a sweep in its own transaction; how much it did."""
    actor = Actor.system(f"sweep:{sweep.name}")
    origin = means.origin(actor, sweep.name, occurred_at=clock.business_now(), trace_id=None)
    with transaction(means.database, origin, constraints=means.constraints) as session:
        done = sweep.run(means.call(session=session, actor=actor, action=sweep.name))
    metrics.SWEPT.labels(sweep.name).inc(done)
    return done
