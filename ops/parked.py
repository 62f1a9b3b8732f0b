"""`eiso parked`: messages that could not be handled: see them, send them back, or let go of them."""

import argparse
import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from contracts.messages import catalogue
from deploy.platform.platform import Platform
from deploy.speech import both, complain, said, say
from kernel.bus.parked_messages import ParkedMessage, Wanted
from ops import parked_messages, queues, upkeep
from ops.asking import who
from ops.chosen_platform import platform_of
from ops.moments import local
from ops.parked_messages import Look

ACTS = ("list", "show", "replay", "drop")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which messages of which queue, and by whom."""
    parser.add_argument("act", choices=ACTS, nargs="?", default="list", help=both("ops_help_parked_act"))
    parser.add_argument("queue", nargs="?", help=both("ops_help_parked_queue"))
    parser.add_argument("--id", action="append", default=[], help=both("ops_help_parked_id"))
    parser.add_argument("--why", help=both("ops_help_parked_why"))
    parser.add_argument("--topic", help=both("ops_help_parked_topic"))
    parser.add_argument("--all", action="store_true", help=both("ops_help_parked_all"))
    parser.add_argument("-n", "--most", type=int, default=5000, help=both("ops_help_parked_most"))
    parser.add_argument("--rate", type=_rate, default=50.0, help=both("ops_help_parked_rate"))
    parser.add_argument("--reason", help=both("ops_help_reason"))
    add_who(parser)


def add_who(parser: argparse.ArgumentParser) -> None:
    """What every acting command asks: who it is, and whether it is meant."""
    parser.add_argument("--as", dest="who", default=who(), help=both("ops_help_as"))
    parser.add_argument("--dry-run", action="store_true", help=both("ops_help_dry_run"))
    parser.add_argument("--yes", action="store_true", help=both("ops_help_yes"))


def run(asked: argparse.Namespace) -> int:
    """list and show: 0 if nothing is parked. replay and drop: 0 if all that was meant is done."""
    platform = platform_of(asked)
    try:
        return _run(platform, asked)
    except queues.UNREACHABLE:
        complain("ops_broker_away")
    except upkeep.UpkeepFailed as failure:
        return upkeep.complain_of(failure)
    return 2


def _run(platform: Platform, asked: argparse.Namespace) -> int:
    if asked.queue is not None and f"{_queue(asked.queue)}.parked" not in queues.expected():
        complain("ops_parked_no_such_queue", queue=asked.queue)
        return 2
    only = _queue(asked.queue) if asked.queue else None
    if asked.act in ("list", "show"):
        looks = list(parked_messages.look(platform, asked.most, only))
        show = _list if asked.act == "list" else _show
        show(looks, asked)
        return 1 if looks else 0
    return _act(platform, asked, only)


def _queue(named: str) -> str:
    """`notify.tell_issued` and what `status` shows are both understood."""
    name = named.removesuffix(".parked")
    return name if name.startswith(("sub-", "rpc-")) or "." not in name else f"sub-{name}"


def _wanted(asked: argparse.Namespace) -> Wanted:
    return Wanted(ids=tuple(asked.id), reason=asked.why, topic=asked.topic)


def _rate(text: str) -> float:
    """`20` or `20/s`."""
    rate = float(text.removesuffix("/s"))
    if rate <= 0:
        raise ValueError(text)
    return rate


# -- looking ----------------------------------------------------------------------------------------


def _list(looks: list[Look], asked: argparse.Namespace) -> None:
    """By queue and reason: how many, since when, and what was said of the oldest."""
    groups = [group for each in looks for group in _groups(each, _wanted(asked))]
    if asked.json:
        print(json.dumps(groups, ensure_ascii=False, indent=1))
        return
    if not looks:
        say("ops_parked_none")
        return
    say("ops_parked_head", count=sum(each.messages for each in looks), queues=len(looks))
    for group in groups:
        reason, facts = group["reason"], {"queue": group["queue"], "count": group["count"]}
        say("ops_parked_group", **facts, reason=reason, since=local(group["oldest"]))
        print(f"      {said(_meaning(reason))}")
        if group["detail"]:
            print(f"      “{group['detail'][:160]}”")
    for each in looks:
        if each.messages > len(each.read):
            say("ops_parked_not_all", queue=each.queue, read=len(each.read), messages=each.messages)
    say("ops_parked_next", queue=looks[0].queue)


def _groups(look: Look, wanted: Wanted) -> list[dict[str, Any]]:
    fitting = [parked for parked, _, _ in look.read if wanted.fits(parked)]
    reasons = Counter(parked.reason for parked in fitting)
    return [
        {"queue": look.queue, "reason": reason, "count": count, **_oldest(fitting, reason)}
        for reason, count in reasons.most_common()
    ]


def _oldest(found: list[ParkedMessage], reason: str) -> dict[str, Any]:
    mine = sorted((each for each in found if each.reason == reason), key=lambda each: each.parked_at or "")
    topics = sorted({each.topic for each in mine if each.topic})
    return {"oldest": mine[0].parked_at, "detail": mine[0].detail, "topics": topics}


def _meaning(reason: str) -> str:
    """The catalogue's word on a reason, or that it is none of ours."""
    code = f"ops_parked_reason_{reason}"
    return code if code in catalogue() else "ops_parked_reason_other"


def _show(looks: list[Look], asked: argparse.Namespace) -> None:
    """Each message in full: what it is, how it came here, its headers and its body."""
    wanted = _wanted(asked)
    found = [read for each in looks for read in each.read if wanted.fits(read[0])]
    if asked.json:
        documents = [
            {**asdict(parked), "headers": headers, "body": body.decode(errors="replace")}
            for parked, headers, body in found
        ]
        print(json.dumps(documents, ensure_ascii=False, indent=1, default=str))
        return
    if not found:
        say("ops_parked_none")
    for parked, headers, body in found:
        _show_one(parked, headers, body)


def _show_one(parked: ParkedMessage, headers: dict[str, Any], body: bytes) -> None:
    print(f"── {parked.queue}  {parked.id}")
    say("ops_parked_why", reason=parked.reason, meaning=said(_meaning(parked.reason)))
    if parked.detail:
        print(f"   “{parked.detail}”")
    if recorded := parked.envelope.get("recorded_at"):
        sequence = parked.envelope.get("sequence", "?")
        say("ops_parked_told", topic=parked.topic or "?", moment=local(str(recorded)), sequence=sequence)
    say("ops_parked_tries", tries=parked.attempts, replayed=parked.replayed, since=local(parked.parked_at))
    for death in headers.get("x-death") or []:
        facts = {"count": death.get("count"), "reason": death.get("reason"), "queue": death.get("queue")}
        say("ops_parked_death", moment=local(str(death.get("time"))), **facts)
    say("ops_parked_headers")
    for name, value in sorted(headers.items()):
        if name != "x-death":
            print(f"     {name}: {value}")
    say("ops_parked_body", size=len(body), sha256=parked.sha256)
    print(_indented(body))


def _indented(body: bytes) -> str:
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False, indent=1)
    except ValueError:
        text = repr(body[:4000])
    return "\n".join(f"     {line}" for line in text.splitlines())


# -- acting -----------------------------------------------------------------------------------------


def _act(platform: Platform, asked: argparse.Namespace, only: str | None) -> int:
    """What is meant must be said: a queue with a filter, or `--all`."""
    if not (asked.id or asked.why or asked.topic or asked.all):
        complain("ops_parked_which")
        return 2
    if asked.act == "drop" and not asked.reason:
        complain("parked_drop_needs_reason")
        return 2
    wanted = _wanted(asked)
    meant = {
        each.queue: [parked for parked, _, _ in each.read if wanted.fits(parked)]
        for each in parked_messages.look(platform, asked.most, only)
    }
    meant = {queue: found for queue, found in meant.items() if found}
    if asked.act == "replay":
        meant = _without_calls(meant)
    if not meant:
        say("ops_parked_none_meant")
        return 0
    if not asked.json:
        _say_what_is_meant(asked, meant)
    if asked.dry_run or not upkeep.agreed(asked):
        say("ops_parked_dry") if not asked.json else print(json.dumps(_ids(meant), indent=1))
        return 0 if asked.dry_run else 1
    return _carry_out(platform, asked, meant)


def _without_calls(meant: dict[str, list[ParkedMessage]]) -> dict[str, list[ParkedMessage]]:
    """Leave calls out, whose callers read long ago that no answer came."""
    for queue in [queue for queue, found in meant.items() if found[0].is_call]:
        complain("parked_call_not_replayed")
        del meant[queue]
    return meant


def _say_what_is_meant(asked: argparse.Namespace, meant: dict[str, list[ParkedMessage]]) -> None:
    for queue, found in meant.items():
        say(f"ops_parked_would_{asked.act}", count=len(found), queue=queue)
        for parked in found[:5]:
            print(f"      {parked.id}  {parked.topic or '?'}  {parked.reason}")
        if len(found) > 5:
            print(f"      … +{len(found) - 5}")


def _ids(meant: dict[str, list[ParkedMessage]]) -> dict[str, list[str]]:
    return {queue: [parked.id for parked in found] for queue, found in meant.items()}


def _carry_out(platform: Platform, asked: argparse.Namespace, meant: dict[str, list[ParkedMessage]]) -> int:
    done: list[dict[str, Any]] = []
    for queue, found in meant.items():
        order = {
            "queue": queue,
            "act": asked.act,
            "who": asked.who,
            "reason": asked.reason,
            "rate": asked.rate,
            # Those that were shown and no others: more may have been parked since.
            "wanted": {"ids": [parked.id for parked in found], "reason": asked.why, "topic": asked.topic},
        }
        for answer in upkeep.run_act(platform, found[0].service, "parked", order):
            done.append(answer["done"])
            if not asked.json:
                print(f"  ✓ {answer['done']['id']}", flush=True)
    if asked.json:
        print(json.dumps(done, ensure_ascii=False, indent=1))
    else:
        say(f"ops_parked_did_{asked.act}", count=len(done), who=asked.who)
    return 0 if len(done) >= sum(map(len, meant.values())) else 1
