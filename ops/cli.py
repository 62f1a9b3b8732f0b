"""The command line itself: which subcommands there are, and what all of them share."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from types import ModuleType

from deploy.platform.names import CLOSED
from deploy.platform.platform import NotGiven
from deploy.speech import both, complain
from ops import chosen_platform

COMMANDS = (
    "status",
    "doctor",
    "parked",
    "reconcile",
    "replay",
    "scrub",
    "jobs",
    "agencies",
    "people",
    "trail",
    "store",
    "broker",
    "backup",
    "backup-key",
    "restore",
    "clock",
)
"""Each is a module of `ops` with `arguments(parser)` and `run(asked) -> exit code`; its help is
`ops_help_<name>`. Only the module that is asked for is loaded: all of them together take most of a second."""


def main(arguments: Sequence[str]) -> int:
    """Run one subcommand. 0: all is well, 1: something is wrong, 2: not understood or could not be asked."""
    os.umask(CLOSED)  # keys, archives and lists of people are for the operator who asked
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    given = _parser(arguments).parse_args(arguments)
    return ended(lambda: given.run(given))


def ended(run: Callable[[], int]) -> int:
    """The exit code of a command, also of one that cannot go on: then it says in words why."""
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        # Who read our words has left (`| head`): no more of them, also not when Python closes its streams.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        complain("ops_broken_off")
        return 2
    except chosen_platform.NoPlatform as failure:
        complain(failure.code, **failure.facts)
        return 2
    except NotGiven as failure:
        complain("ops_settings_lack", what=str(failure))
        return 2
    except Exception as failure:
        from ops import away  # what it knows of servers takes longer to load than most commands

        if not isinstance(failure, away.AWAY):
            raise
        return away.complain_of(failure)
    return code


def module_of(command: str) -> ModuleType:
    """Where a command stands."""
    return import_module(f"ops.{command.replace('-', '_')}")


def _parser(arguments: Iterable[str]) -> argparse.ArgumentParser:
    """All commands by name; what one of them takes only where its name is among the arguments."""
    parser, given = argparse.ArgumentParser(prog="eiso", description=both("ops_help")), set(arguments)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        explained = both(f"ops_help_{name}")
        command = commands.add_parser(name, help=explained, description=explained)
        chosen_platform.arguments(command)
        command.add_argument("--json", action="store_true", help=both("ops_help_json"))
        if name in given:
            module = module_of(name)
            module.arguments(command)
            command.set_defaults(run=module.run)
    return parser
