"""The command line itself: which subcommands there are, and what all of them share."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType

import psycopg
from minio.error import MinioException
from pika.exceptions import AMQPError
from sqlalchemy.exc import SQLAlchemyError
from urllib3.exceptions import HTTPError

from deploy.platform.names import CLOSED
from deploy.platform.platform import NotGiven
from deploy.speech import both, complain
from kernel.base.errors import Unavailable
from ops import (
    agencies,
    asked,
    backup,
    backup_key,
    broker,
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

AWAY = (
    Unavailable,
    SQLAlchemyError,
    psycopg.Error,
    AMQPError,
    MinioException,
    HTTPError,
    OSError,
)
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
    broker,
    backup,
    backup_key,
    restore,
    clock,
)
"""Each has `NAME`, `arguments(parser)` and `run(asked) -> exit code`; its help is `ops_help_<name>`."""


def main(arguments: Sequence[str]) -> int:
    """Run one subcommand. 0: all is well, 1: something is wrong, 2: not understood or could not be asked."""
    os.umask(CLOSED)  # keys, archives and lists of people are for whoever asked
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    given = _parser().parse_args(arguments)
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
    except asked.NoPlatform as failure:
        complain(failure.code, **failure.facts)
        return 2
    except NotGiven as failure:
        complain("ops_settings_lack", what=str(failure))
        return 2
    except AWAY as failure:
        return _away(failure)
    return code


def _away(failure: Exception) -> int:
    """A server or file that a command did not reckon with; what it says is cut to its first line."""
    what = (str(getattr(failure, "orig", None) or failure) or type(failure).__name__).splitlines()[0]
    if isinstance(failure, Unavailable):
        complain(failure.code, **failure.facts)
    elif isinstance(failure, (SQLAlchemyError, psycopg.Error)):
        complain("ops_database_away", what=what)
    elif isinstance(failure, AMQPError):
        complain("ops_broker_away")
    elif isinstance(failure, (MinioException, HTTPError)):
        complain("archive_store_away", what=what[:300])
    else:
        complain("ops_could_not", what=what)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="eiso", description=both("ops_help"))
    commands = parser.add_subparsers(dest="command", required=True)
    for module in COMMANDS:
        explained = both(f"ops_help_{module.NAME}")
        command = commands.add_parser(module.NAME, help=explained, description=explained)
        asked.arguments(command)
        command.add_argument("--json", action="store_true", help=both("ops_help_json"))
        module.arguments(command)
        command.set_defaults(run=module.run)
    return parser
