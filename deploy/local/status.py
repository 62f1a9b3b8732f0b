"""`make status`: what `eiso status` asks, and each process's pid and memory on this machine."""

from collections.abc import Callable

from deploy.local import ceph, memory, postgres, rabbitmq, supervised, supervision
from deploy.local.platform import Platform
from deploy.local.process import Process
from deploy.platform.answering import process_answers
from ops.status import State


def states_of(platform: Platform) -> list[State]:
    """Servers first, then eISO's own processes."""
    return [*_servers(platform), *_processes(platform)]


def _servers(platform: Platform) -> list[State]:
    epmd, broker = rabbitmq.processes(platform)
    mon, osd, gateway = ceph.processes(platform)
    server = postgres.process(platform)
    checks: dict[Process, tuple[str, Callable[[], bool]]] = {
        server: ("postgres", lambda: postgres.is_ready(platform)),
        broker: ("amqp", lambda: rabbitmq.is_ready(platform)),
        epmd: ("amqp", lambda: epmd.pid() is not None),
        gateway: ("s3", lambda: ceph.is_ready(platform)),
        osd: ("s3", lambda: osd.pid() is not None),
        mon: ("s3", lambda: mon.pid() is not None),
    }
    return [
        _state(process.name, process.pid(), is_ready)
        for process, (kind, is_ready) in checks.items()
        if kind not in platform.existing
    ]


def _processes(platform: Platform) -> list[State]:
    known = supervised.processes(platform.instance)
    daemon = supervision.supervisor(platform.instance)
    states = [_state(daemon.name, daemon.pid(), lambda: daemon.pid() is not None, alone=True)]
    for name, address in platform.ready_addresses.items():
        row = known.get(name, {})
        seconds = row["now"] - row["start"] if row.get("pid") else None
        ready = _asker(address)
        states.append(_state(name, row.get("pid") or None, ready, seconds=seconds))
    return states


def _asker(address: str) -> Callable[[], bool]:
    return lambda: process_answers(address)


def _state(
    name: str,
    pid: int | None,
    is_ready: Callable[[], bool],
    *,
    seconds: int | None = None,
    alone: bool = False,
) -> State:
    """`alone`: its children have lines of their own."""
    if pid is None:
        return State(name=name, pid=None, is_ready=False, memory=0)
    pids = {pid} if alone else memory.family(pid)
    return State(name=name, pid=pid, is_ready=is_ready(), memory=memory.pss(pids), seconds=seconds)
