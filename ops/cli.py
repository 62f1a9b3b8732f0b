"""The command line itself: which subcommands there are, and what all of them share."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from types import ModuleType

import psycopg
from minio.error import MinioException
from pika.exceptions import AMQPError
from sqlalchemy.exc import SQLAlchemyError
from urllib3.exceptions import HTTPError

from deploy.local.private import CLOSED
from deploy.local.process import DidNotStart
from kernel.errors import Unavailable
from ops import (
    agencies,
    backup,
    backup_key,
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
from ops.speech import both, complain

AWAY = (
    Unavailable,
    SQLAlchemyError,
    psycopg.Error,
    AMQPError,
    MinioException,
    HTTPError,
    DidNotStart,
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
    backup,
    backup_key,
    restore,
    clock,
)
"""Each has `NAME`, `arguments(parser)` and `run(asked) -> exit code`; its help is `ops_help_<name>`."""


def main(arguments: Sequence[str]) -> int:
    """Run one subcommand. 0: all is well, 1: something is wrong, 2: the command line was not understood."""
    os.umask(CLOSED)  # keys, archives and lists of people are for whoever asked
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    asked = _parser().parse_args(arguments)
    try:
        code: int = asked.run(asked)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who read our words has left (`| head`): no more of them, also not when Python closes its streams.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        complain("ops_broken_off")
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
        command.add_argument("--instance", default="run", help=both("ops_help_instance"))
        command.add_argument("--json", action="store_true", help=both("ops_help_json"))
        module.arguments(command)
        command.set_defaults(run=module.run)
    return parser
