"""`eiso clock`: show business time, set it, move it on, or let it be real time again."""

import argparse
import json
from datetime import datetime, timedelta
from pathlib import Path

from deploy.speech import both, complain, say
from kernel.base import clock
from ops.chosen_platform import platform_of

ACTS = ("show", "set", "advance", "reset")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with the clock, and by how much."""
    parser.add_argument("act", choices=ACTS, nargs="?", default="show", help=both("ops_help_clock_act"))
    parser.add_argument("value", nargs="?", help=both("ops_help_clock_value"))
    parser.add_argument("--frozen", action="store_true", help=both("ops_help_clock_frozen"))


def run(asked: argparse.Namespace) -> int:
    """0 when done; 2 when the value is not understood, or the platform's business time is real for good."""
    platform = platform_of(asked)
    if platform.clock_file is None:
        complain("ops_clock_none", instance=platform.name)
        return 2
    try:
        _act(platform.clock_file, asked)
    except (ValueError, TypeError):
        complain("ops_clock_not_understood", value=str(asked.value))
        return 2
    _show(platform.clock_file, as_json=asked.json)
    return 0


def _act(path: Path, asked: argparse.Namespace) -> None:
    if asked.act == "set":
        moment = datetime.fromisoformat(asked.value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=clock.VIETNAM)
        clock.shift_to(path, moment, frozen=asked.frozen)
    elif asked.act == "advance":
        clock.advance(path, _amount(asked.value))
    elif asked.act == "reset":
        clock.unshift(path)


def _amount(text: str) -> timedelta:
    """`3d`, `12h`, `45m`."""
    units = {"d": "days", "h": "hours", "m": "minutes"}
    unit = units.get(text[-1:])
    if unit is None:
        raise ValueError(text)
    return timedelta(**{unit: float(text[:-1])})


def _show(path: Path, *, as_json: bool) -> None:
    clock.configure("local", str(path))
    business, real = clock.business_now().astimezone(clock.VIETNAM), clock.now().astimezone(clock.VIETNAM)
    if as_json:
        shown = {"business_now": business, "real_now": real, "is_shifted": clock.is_shifted()}
        print(json.dumps(shown, default=str))
        return
    code = "ops_clock_shifted" if clock.is_shifted() else "ops_clock_real"
    say(code, business=f"{business:%H:%M %d/%m/%Y}", real=f"{real:%H:%M %d/%m/%Y}")
