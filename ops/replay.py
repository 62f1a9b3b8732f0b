"""`eiso replay`: let a service take events again; by default nothing but its projections changes."""

import argparse
import json
from typing import Any

from deploy.platform.names import SERVICES
from deploy.speech import both, complain, say
from ops import parked, queues, upkeep
from ops.chosen_platform import platform_of


def arguments(parser: argparse.ArgumentParser) -> None:
    """Who takes events again, from where, and whether reactions that do something take part."""
    parser.add_argument("consumer", help=both("ops_help_replay_consumer"))
    parser.add_argument("--from", dest="sequence", type=int, default=0, help=both("ops_help_replay_from"))
    parser.add_argument("--effects", action="store_true", help=both("ops_help_replay_effects"))
    parser.add_argument("--patience", type=float, default=5.0, help=both("ops_help_reconcile_patience"))
    parser.add_argument("--reason", help=both("ops_help_reason"))
    parked.add_who(parser)


def run(asked: argparse.Namespace) -> int:
    """0: done, or nothing to do. 1: an event failed, or it was not agreed to. 2: could not be asked."""
    platform = platform_of(asked)
    service, _, only = asked.consumer.removeprefix("sub-").partition(".")
    if service not in SERVICES or (only and f"sub-{service}.{only}" not in queues.expected()):
        complain("ops_replay_no_such_reaction", service=service, reaction=only or "*")
        return 2
    order = {"who": asked.who, "sequence": asked.sequence, "effects": asked.effects}
    order |= {"only": only or None, "patience": asked.patience, "reason": asked.reason}
    try:
        [would] = upkeep.run_act(platform, service, "replay", {**order, "dry": True})
        if asked.dry_run or _is_nothing(would):
            _print(asked, "ops_replay_would", would)
            return 0
        if not asked.json:
            _print(asked, "ops_replay_would", would)
        if not upkeep.agreed(asked):
            complain("ops_parked_dry")
            return 1
        [did] = upkeep.run_act(platform, service, "replay", {**order, "dry": False})
    except upkeep.UpkeepFailed as failure:
        return upkeep.complain_of(failure)
    _print(asked, "ops_replay_did", did)
    return 1 if did["failed"] else 0


def _is_nothing(would: dict[str, Any]) -> bool:
    return not any(would[part] for part in ("rows", "derived", "claimed", "offered"))


def _print(asked: argparse.Namespace, head: str, said: dict[str, Any]) -> None:
    if asked.json:
        print(json.dumps(said, ensure_ascii=False, indent=1))
        return
    say(head, consumer=asked.consumer, sequence=asked.sequence, who=asked.who)
    is_done = head == "ops_replay_did"
    if said["rows"]:
        say("ops_replay_rows_done" if is_done else "ops_replay_rows", rows=said["rows"])
    if said["derived"]:
        say("ops_replay_derived", names=", ".join(said["derived"]))
    for part in ("claimed", "offered", "withheld"):
        for reaction, count in said[part].items():
            say(f"ops_replay_{part}", reaction=reaction, count=count)
    for what, why in said["failed"].items():
        say("ops_replay_failed", what=what, why=why)
    if _is_nothing(said) and not said["withheld"]:
        say("ops_replay_nothing")
