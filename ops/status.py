"""`eiso status`: each process, whether it is up and ready, its memory, and what waits in the queues."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from deploy.local import ceph, postgres, rabbitmq, supervision
from deploy.local.platform import Platform
from deploy.local.process import Process
from deploy.local.up import answers
from ops import memory, queues, supervised
from ops.asked import platform_of
from ops.queues import Queue
from ops.speech import said, say

NAME = "status"


@dataclass(frozen=True, kw_only=True)
class State:
    """One process; `seconds` is how long it has been up, where the supervisor knows."""

    name: str
    pid: int | None
    is_ready: bool
    memory: int
    seconds: int | None = None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing more than every command has."""


def run(asked: argparse.Namespace) -> int:
    """0 if everything is up and ready and nothing is parked."""
    platform = platform_of(asked.instance)
    if platform is None:
        return 1
    states, found = states_of(platform), _queues_of(platform)
    if asked.json:
        document = {"processes": [asdict(s) for s in states], "queues": [asdict(q) for q in found or []]}
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        _print(states, found)
    is_well = found is not None and not any(queue.is_parked and queue.messages for queue in found)
    return 0 if is_well and all(state.is_ready for state in states) else 1


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
    for name, address in supervision.ready_addresses(platform).items():
        row = known.get(name, {})
        seconds = row["now"] - row["start"] if row.get("pid") else None
        ready = _asker(address)
        states.append(_state(name, row.get("pid") or None, ready, seconds=seconds))
    return states


def _asker(address: str) -> Callable[[], bool]:
    return lambda: answers(address)


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


def _queues_of(platform: Platform) -> list[Queue] | None:
    try:
        return queues.look(platform)
    except queues.UNREACHABLE:
        return None


def _print(states: list[State], found: list[Queue] | None) -> None:
    say("ops_status_head")
    for state in states:
        word = "ops_ready" if state.is_ready else "ops_not_ready" if state.pid else "ops_down"
        mark = "✓" if state.is_ready else "✗"
        up = f"{state.seconds} s" if state.seconds is not None else ""
        megabytes = f"{state.memory / 2**20:.0f} MB"
        print(f"{mark} {state.name:<12} {said(word):<16} {state.pid or '–':>8} {megabytes:>9} {up:>9}")
    say("ops_status_memory", megabytes=f"{sum(state.memory for state in states) / 2**20:.0f}")
    if found is None:
        say("ops_queues_unknown")
        return
    say("ops_queues_head")
    for queue in found:
        if queue.messages is not None and (queue.messages or not queue.is_parked):
            mark = "✗" if queue.is_parked else " "
            print(f"{mark} {queue.name:<48} {queue.messages:>8} {queue.consumers:>8}")
    if any(queue.is_parked and queue.messages for queue in found):
        say("ops_status_parked")
