"""The command line itself: which subcommands there are, and what all of them share."""

import argparse
import logging
import os
from collections.abc import Sequence
from types import ModuleType

from deploy.local.private import CLOSED
from ops import (
    agencies,
    backup,
    clock,
    doctor,
    jobs,
    parked,
    people,
    reconcile,
    replay,
    restore,
    scrub,
    status,
    store,
    trail,
)
from ops.speech import both

COMMANDS: tuple[ModuleType, ...] = (
    status,
    doctor,
    parked,
    reconcile,
    replay,
    scrub,
    jobs,
    agencies,
    people,
    trail,
    store,
    backup,
    restore,
    clock,
)
"""Each has `NAME`, `arguments(parser)` and `run(asked) -> exit code`; its help is `ops_help_<name>`."""


def main(arguments: Sequence[str]) -> int:
    """Run one subcommand. 0: all is well, 1: something is wrong, 2: the command line was not understood."""
    os.umask(CLOSED)  # keys, archives and lists of people are for whoever asked
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    asked = _parser().parse_args(arguments)
    code: int = asked.run(asked)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="eiso", description=both("ops_help"))
    commands = parser.add_subparsers(dest="command", required=True)
    for module in COMMANDS:
        explained = both(f"ops_help_{module.NAME}")
        command = commands.add_parser(module.NAME, help=explained, description=explained)
        command.add_argument("--instance", default="run", help=both("ops_help_instance"))
        command.add_argument("--json", action="store_true", help=both("ops_help_json"))
        module.arguments(command)
        command.set_defaults(run=module.run)
    return parser
