"""`eiso status`: whether each server and process is up and ready, and what waits in the queues."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from deploy.platform import answering
from deploy.platform.names import SERVICES
from deploy.platform.platform import Platform
from deploy.speech import said, say
from ops import queues
from ops.chosen_platform import platform_of
from ops.queues import Queue


@dataclass(frozen=True, kw_only=True)
class State:
    """One server or process. Its pid, memory and how long it has been up are known only on its machine."""

    name: str
    is_ready: bool
    is_up: bool = False
    pid: int | None = None
    memory: int | None = None
    seconds: int | None = None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing more than every command has."""


def run(asked: argparse.Namespace) -> int:
    """0 if everything is up and ready and nothing is parked, 1 if not."""
    platform = platform_of(asked)
    return show(platform, states_of(platform), as_json=asked.json)


def states_of(platform: Platform) -> list[State]:
    """Servers first, then eISO's own processes, each as it answers over the network."""
    servers = {
        "postgres": answering.postgres_answers(platform.postgres_url("ops", SERVICES[0])),
        "rabbitmq": answering.broker_answers(platform.amqp_uri("ops")),
        "store": answering.store_answers(platform.s3_endpoint),
    }
    states = [State(name=name, is_ready=answers, is_up=answers) for name, answers in servers.items()]
    for name, address in platform.ready_addresses.items():
        found = answering.standing(address)
        is_ready, is_up = found is answering.Standing.READY, found is not answering.Standing.DOWN
        states.append(State(name=name, is_ready=is_ready, is_up=is_up))
    return states


def show(platform: Platform, states: Sequence[State], *, as_json: bool) -> int:
    """The states, and beside them the queues; the exit code that they come to."""
    found = _queues_of(platform)
    if as_json:
        document = {"processes": [asdict(s) for s in states], "queues": [asdict(q) for q in found or []]}
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        _print(states, found)
    is_well = found is not None and not any(queue.is_parked and queue.messages for queue in found)
    return 0 if is_well and all(state.is_ready for state in states) else 1


def _queues_of(platform: Platform) -> list[Queue] | None:
    try:
        return queues.look(platform)
    except queues.UNREACHABLE:
        return None


def _print(states: Sequence[State], found: list[Queue] | None) -> None:
    say("ops_status_head")
    for state in states:
        word = "ops_ready" if state.is_ready else "ops_not_ready" if state.is_up or state.pid else "ops_down"
        mark = "✓" if state.is_ready else "✗"
        up = f"{state.seconds} s" if state.seconds is not None else ""
        megabytes = f"{state.memory / 2**20:.0f} MB" if state.memory is not None else ""
        print(f"{mark} {state.name:<12} {said(word):<16} {state.pid or '–':>8} {megabytes:>9} {up:>9}")
    if any(state.memory is not None for state in states):
        say("ops_status_memory", megabytes=f"{sum(state.memory or 0 for state in states) / 2**20:.0f}")
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
